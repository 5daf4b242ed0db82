import Glibc

/// Static mode: from a request to a file.
extension Server {
    func startFileCall(_ request: CallRequest, files: StaticFiles, on connection: Connection) {
        let method = request.bytes.slice(request.head.method)
        guard method.equals("GET") || method.equals("HEAD") else { return connection.send(.onlyAllows("GET, HEAD")) }
        let wanted = FileRequest(request)
        switch files.open(wanted.path) {
        case .refused(let status):
            connection.send(
                Reply(status: status, body: status == .notFound ? "404 page not found\n" : "403 forbidden\n"))
        case .file(let file, let size, let modified):
            send(file, size: size, modified: modified, wanted, connection)
        case .folder(let folder):
            guard wanted.path.last == .slash || wanted.path.isEmpty else {
                close(folder)
                return connection.send(redirect(request))
            }
            sendFolder(folder, wanted, files, connection)
        }
    }

    private func send(_ file: Int32, size: Int, modified: Int, _ wanted: FileRequest, _ connection: Connection) {
        let date = WallClock.spell(second: modified).http
        let dateText = String(decoding: date, as: UTF8.self)
        var fields = "Accept-Ranges: bytes\r\nLast-Modified: \(dateText)\r\n"
        if let known = wanted.knownDate, known.elementsEqual(date) {
            let head = ResponseHead(.notModified, contentType: nil, length: .none)
            connection.call = FileCall(file, part: 0..<0, head: head, fields: fields, connection: connection)
            return
        }
        let type = MediaTypes.type(of: wanted.path.last == .slash ? Array("index.html".utf8) : wanted.path)
        var head = ResponseHead(contentType: type, length: .exact(size))
        var part = 0..<size
        switch wanted.part(of: size) {
        case .whole:
            break
        case .bytes(let range):
            part = range
            head = ResponseHead(.partialContent, contentType: type, length: .exact(range.count))
            fields += "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)\r\n"
        case .none:
            close(file)
            return connection.send(Reply(status: .rangeNotSatisfiable, field: "Content-Range: bytes */\(size)\r\n"))
        }
        connection.call = FileCall(file, part: part, head: head, fields: fields, connection: connection)
    }

    /// The folder's `index.html`, or a list of what is in it.
    private func sendFolder(_ folder: Int32, _ wanted: FileRequest, _ files: StaticFiles, _ connection: Connection) {
        let index = wanted.path + (wanted.path.last == .slash ? [] : [.slash]) + Array("index.html".utf8)
        if case .file(let file, let size, let modified) = files.open(index) {
            close(folder)
            return send(file, size: size, modified: modified, wanted, connection)
        }
        connection.call = PageCall(
            FolderPage.html(folder), contentType: "text/html; charset=utf-8", connection: connection)
    }

    /// A folder's address ends with a slash, so that the relative addresses in its pages are right.
    private func redirect(_ request: CallRequest) -> Reply {
        let path = request.bytes.slice(request.head.path).split(separator: .slash).last ?? []
        var location = "./\(String(decoding: path, as: UTF8.self))/"
        let query = request.bytes.slice(request.head.query)
        if !query.isEmpty { location += "?\(String(decoding: query, as: UTF8.self))" }
        return Reply(status: .movedPermanently, field: "Location: \(location)\r\n")
    }
}
