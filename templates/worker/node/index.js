// Runs function/handler.js for fwatchdog's worker mode: one process, one request after the other.
//
// The handler is called as handler(body, callback, request): body is text, request has method, path, query and headers.
// It gives its result to callback(error, result), returns it, or returns a promise of it. A result is text, a Buffer,
// nothing, an object for JSON, or {status, headers, body} with a number as status.
'use strict'
const net = require('net')

const PREFIX = 12
const channel = new net.Socket({ fd: Number(process.env.FWATCHDOG_WORKER_FD), readable: true, writable: true })
delete process.env.FWATCHDOG_WORKER_FD
const handler = require('./function/handler')

function frame(head, body) {
  const prefix = Buffer.alloc(PREFIX)
  prefix.writeUInt32BE(head.length, 0)
  prefix.writeBigUInt64BE(BigInt(body.length), 4)
  return Buffer.concat([prefix, head, body])
}

function parse(head, body) {
  const lines = head.toString().split('\n')
  const [method, target] = lines[0].split(' ', 2)
  const headers = {}
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(': ')
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] ??= line.slice(colon + 2)
  }
  const [path, ...rest] = target.split('?')
  return { method, path, query: rest.join('?'), headers, body: body.toString() }
}

function call(request) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error ? reject(error) : resolve(result))
    const returned = handler(request.body, callback, request)
    if (returned && typeof returned.then === 'function') returned.then(resolve, reject)
    else if (returned !== undefined) resolve(returned)
    else if (handler.length < 2) resolve(undefined)
  })
}

function bytes(value) {
  if (value === undefined || value === null) return Buffer.alloc(0)
  if (Buffer.isBuffer(value)) return value
  return Buffer.from(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

function respond(result) {
  let status = 200
  let headers = {}
  if (result && typeof result.status === 'number') {
    status = result.status
    headers = result.headers || {}
    result = result.body
  }
  const lines = [String(status), ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  const head = lines.map((line) => line.replace(/[\r\n]/g, ' ') + '\n').join('')
  channel.write(frame(Buffer.from(head), bytes(result)))
}

let received = []
let length = 0
let wanted = PREFIX
let lengths = null

async function take() {
  while (length >= wanted) {
    const all = received.length === 1 ? received[0] : Buffer.concat(received)
    if (!lengths) {
      lengths = { head: all.readUInt32BE(0), body: Number(all.readBigUInt64BE(4)) }
      wanted = PREFIX + lengths.head + lengths.body
      received = [all]
      continue
    }
    const bodyStart = PREFIX + lengths.head
    const request = parse(all.subarray(PREFIX, bodyStart), all.subarray(bodyStart, wanted))
    const rest = all.subarray(wanted)
    received = rest.length ? [rest] : []
    length = rest.length
    wanted = PREFIX
    lengths = null
    try {
      respond(await call(request))
    } catch (error) {
      console.error(error)
      respond({ status: 500, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: 'the function has failed\n' })
    }
  }
}

channel.on('data', (data) => {
  received.push(data)
  length += data.length
  take()
})
channel.on('end', () => process.exit(0))
channel.write(frame(Buffer.alloc(0), Buffer.alloc(0)))
