// Runs function/handler.js for fwatchdog's worker mode: one process, one request after the other.
//
// The handler is called as handler(event, context), or handler(event, context, callback). event has body, headers, method,
// query and path; context has status(code), headers(object), succeed(value) and fail(error). The value is text, a Buffer,
// or an object for JSON; a handler may also return it, or a promise of it.
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

// The body as its type says: an object for JSON and forms, else text; a Buffer when RAW_BODY is true.
function parseBody(body, type) {
  if (process.env.RAW_BODY === 'true') return body
  const text = body.toString()
  if (/^application\/json\b/i.test(type)) {
    try { return JSON.parse(text) } catch { return text }
  }
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) return Object.fromEntries(new URLSearchParams(text))
  return text
}

class FunctionEvent {
  constructor(head, body) {
    const lines = head.toString().split('\n')
    const [method, target] = lines[0].split(' ', 2)
    this.headers = {}
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(': ')
      if (colon > 0) this.headers[line.slice(0, colon).toLowerCase()] ??= line.slice(colon + 2)
    }
    const [path, ...rest] = target.split('?')
    this.method = method
    this.path = path
    this.query = Object.fromEntries(new URLSearchParams(rest.join('?')))
    this.body = parseBody(body, this.headers['content-type'] || 'text/plain')
  }
}

class FunctionContext {
  constructor(done) {
    this.value = 200
    this.fields = {}
    this.done = done
    this.answered = false
  }
  status(value) {
    if (value === undefined) return this.value
    this.value = value
    return this
  }
  headers(fields) {
    if (fields === undefined) return this.fields
    this.fields = fields
    return this
  }
  succeed(value) { this.answer(value) }
  fail(error) {
    if (this.value === 200) this.value = 500
    this.answer(error instanceof Error ? String(error) : error)
  }
  answer(value) {
    if (this.answered) return
    this.answered = true
    this.done({ status: this.value, headers: { ...this.fields }, body: value })
  }
}

function call(event) {
  return new Promise((resolve) => {
    const context = new FunctionContext(resolve)
    const callback = (error, value) => (error ? failed(error) : context.succeed(value))
    const failed = (error) => {
      console.error(error)
      context.fail(error)
    }
    try {
      const returned = handler(event, context, callback)
      if (returned && typeof returned.then === 'function') returned.then((value) => context.succeed(value), failed)
      else if (returned !== undefined && returned !== context) context.succeed(returned)
    } catch (error) {
      failed(error)
    }
  })
}

function respond({ status, headers, body }) {
  let bytes = Buffer.alloc(0)
  if (Buffer.isBuffer(body)) {
    bytes = body
  } else if (body !== undefined && body !== null) {
    const isObject = typeof body === 'object'
    if (isObject && !Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')) {
      headers['Content-Type'] = 'application/json'
    }
    bytes = Buffer.from(isObject ? JSON.stringify(body) : String(body))
  }
  const lines = [String(status), ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  const head = lines.map((line) => line.replace(/[\r\n]/g, ' ') + '\n').join('')
  channel.write(frame(Buffer.from(head), bytes))
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
    const event = new FunctionEvent(all.subarray(PREFIX, bodyStart), all.subarray(bodyStart, wanted))
    const rest = all.subarray(wanted)
    received = rest.length ? [rest] : []
    length = rest.length
    wanted = PREFIX
    lengths = null
    respond(await call(event))
  }
}

channel.on('data', (data) => {
  received.push(data)
  length += data.length
  take()
})
channel.on('end', () => process.exit(0))
channel.write(frame(Buffer.alloc(0), Buffer.alloc(0)))
