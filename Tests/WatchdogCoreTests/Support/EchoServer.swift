import Glibc
import Testing

/// A function that serves HTTP by itself, in Python: it does what the path says, and otherwise tells what it was asked.
enum EchoServer {
    static let isAvailable = access("/usr/bin/python3", X_OK) == 0

    static let script = """
        import hashlib, os, signal, socket, sys, threading, time
        address = sys.argv[1]
        if address.startswith('/'):
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(address)
        else:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if len(sys.argv) > 2: time.sleep(float(sys.argv[2]))
            listener.bind(('127.0.0.1', int(address)))
        listener.listen(128)
        print('upstream listens', flush=True)
        connections = 0

        def send(c, head, body=b''):
            c.sendall(b'HTTP/1.1 ' + head.replace('\\n', '\\r\\n').encode() + b'\\r\\n\\r\\n' + body)

        def serve(c, number):
            f = c.makefile('rb')
            while True:
                line = f.readline()
                if not line: break
                method, path = line.split()[:2]
                path = path.decode()
                raw, fields = line, {}
                while True:
                    line = f.readline()
                    raw += line
                    if line == b'\\r\\n': break
                    name, value = line.decode().split(':', 1)
                    fields[name.lower()] = value.strip()
                if path == '/ignore':
                    send(c, '413 Too Large\\nContent-Length: 0\\nConnection: close'); break
                if 'upgrade' in fields:
                    send(c, '101 Switching\\nUpgrade: websocket\\nConnection: Upgrade', b'hello')
                    while True:
                        data = c.recv(65536)
                        if not data or data == b'bye': break
                        c.sendall(data.upper())
                    break
                if path == '/mirror':
                    send(c, '200 OK\\nContent-Length: ' + fields['content-length'])
                    left = int(fields['content-length'])
                    while left:
                        data = f.read1(min(left, 65536)); left -= len(data); c.sendall(data)
                    continue
                body = b''
                if 'chunked' in fields.get('transfer-encoding', ''):
                    parts = []
                    while True:
                        size = int(f.readline(), 16)
                        parts.append(f.read(size)); f.readline()
                        if not size: break
                    body = b''.join(parts)
                else:
                    body = f.read(int(fields.get('content-length', 0)))
                if path == '/plain': send(c, '200 OK\\nContent-Length: 2', b'ok')
                elif path == '/odd': send(c, '299 Odd\\nX-A: 1\\nX-A: 2\\nContent-Length: 0\\nX-Duration-Seconds: 9')
                elif path == '/moved': send(c, '302 Found\\nLocation: /plain\\nContent-Length: 0')
                elif path == '/none': send(c, '204 No Content')
                elif path == '/close': send(c, '200 OK', b'until the end'); break
                elif path == '/chunks':
                    send(c, '200 OK\\nTransfer-Encoding: chunked')
                    c.sendall(b'3\\r\\nabc\\r\\n'); time.sleep(0.1); c.sendall(b'4\\r\\ndefg\\r\\n0\\r\\n\\r\\n')
                elif path == '/cut': send(c, '200 OK\\nContent-Length: 10', b'half'); break
                elif path == '/cutchunks': send(c, '200 OK\\nTransfer-Encoding: chunked', b'3\\r\\nabc\\r\\n'); break
                elif path == '/junk': c.sendall(b'what?\\n\\n'); break
                elif path == '/both': send(c, '200 OK\\nTransfer-Encoding: chunked\\nContent-Length: 3', b'abc'); break
                elif path == '/huge': send(c, '200 OK\\nX: ' + 'x' * 70000, b''); break
                elif path == '/bye': break
                elif path == '/sleep': time.sleep(300)
                elif path == '/halfslow': send(c, '200 OK\\nContent-Length: 10', b'half'); time.sleep(300)
                elif path == '/early':
                    c.sendall(b'HTTP/1.1 100 Continue\\r\\n\\r\\nHTTP/1.1 103 Early\\r\\nLink: x\\r\\n\\r\\n')
                    send(c, '200 OK\\nContent-Length: 2', b'ok')
                elif path == '/events':
                    send(c, '200 OK\\nContent-Type: text/event-stream\\nTransfer-Encoding: chunked')
                    for i in range(3):
                        c.sendall(b'9\\r\\ndata: %d\\n\\n\\r\\n' % i); time.sleep(0.15)
                    c.sendall(b'0\\r\\n\\r\\n')
                elif path == '/big':
                    send(c, '200 OK\\nContent-Length: 1000000000')
                    block = b'x' * 1000000
                    for i in range(1000): c.sendall(block)
                elif path == '/exit': os._exit(3)
                elif path == '/leave': os._exit(0)
                elif path == '/number': text = str(number).encode(); send(c, '200 OK\\nContent-Length: %d' % len(text), text)
                elif path == '/idle':
                    send(c, '200 OK\\nContent-Length: 0'); break
                elif path == '/sum':
                    text = hashlib.sha256(body).hexdigest().encode(); send(c, '200 OK\\nContent-Length: 64', text)
                else:
                    raw += body
                    send(c, '200 OK\\nContent-Type: text/echo\\nContent-Length: %d' % len(raw), b'' if method == b'HEAD' else raw)
            c.close()

        while True:
            c, _ = listener.accept()
            connections += 1
            threading.Thread(target=serve, args=(c, connections), daemon=True).start()
        """

    /// - Parameters:
    ///   - delay: seconds until it listens.
    static func watchdog(
        _ variables: [String: String] = [:], delay: Double = 0, prefix: String = ""
    ) throws -> RunningWatchdog {
        let port = try freePort()
        let defaults = ["mode": "http", "upstream_url": "http://127.0.0.1:\(port)\(prefix)"]
        return try RunningWatchdog(
            ["/usr/bin/python3", "-c", script, "\(port)", "\(delay)"], variables.merging(defaults) { given, _ in given }
        )
    }

    /// A port that nobody listens on now.
    static func freePort() throws -> UInt16 {
        let watchdog = try RunningWatchdog(["true"])
        watchdog.signal(SIGTERM)
        _ = watchdog.exit()
        return watchdog.port
    }
}
