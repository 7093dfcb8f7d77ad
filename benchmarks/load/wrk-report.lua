-- Prints the result of one run as one line of JSON. Only `done` is defined: a script that hooks requests or responses would make
-- wrk slower than the proxies.
function done(summary, latency)
  io.write(string.format(
    'REPORT {"requests":%d,"bytes":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    summary.errors.connect, summary.errors.read, summary.errors.write, summary.errors.timeout, summary.errors.status))
end
