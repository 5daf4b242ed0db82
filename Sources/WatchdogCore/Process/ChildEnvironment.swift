import Glibc

/// The environment block of one call: the watchdog's own, and the request as `Http_*` variables. Its memory is used
/// again for the next call.
///
/// A client chooses header names, so a name gets through only if it is made of letters, digits and dashes, if no other
/// field of the request has it already, and if it is not one of those below. `Proxy` stays out as programs that do not
/// look at case would take `Http_Proxy` for a proxy to use ("httpoxy", CVE-2016-5385).
final class ChildEnvironment {
    typealias Block = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    /// Names that the watchdog itself gives, so that no header can pretend to be one: without prefix, in lower case.
    private static let reserved: [StaticString] = [
        "method", "path", "query", "host", "contentlength", "content-length", "transfer-encoding", "proxy",
    ]

    private var inherited: [UnsafeMutablePointer<CChar>] = []
    /// Inherited variables that a request could replace; nearly always none.
    private var inheritedHttp: [UnsafeMutablePointer<CChar>] = []
    private var text: [UInt8] = []
    private var starts: [Int] = []
    private var pointers: [UnsafeMutablePointer<CChar>?] = []

    /// - Parameter block: the process's environment. It is referred to, not copied.
    init(inheriting block: Block?) {
        var entry = block
        while let variable = entry?.pointee {
            if strncmp(variable, "Http_", 5) == 0 {
                inheritedHttp.append(variable)
            } else {
                inherited.append(variable)
            }
            entry = entry?.advanced(by: 1)
        }
    }

    /// Calls `body` with the block of a process that is not told of any request.
    /// - Parameter variables: further ones, `NAME=VALUE` each.
    func withInherited<Result>(adding variables: [String] = [], _ body: (Block?) -> Result) -> Result {
        text.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        for variable in variables {
            let start = text.count
            text.append(contentsOf: variable.utf8)
            end(start)
        }
        return withBlock(body)
    }

    /// Calls `body` with the block of one call.
    func withVariables<Result>(of request: CallRequest, _ body: (Block?) -> Result) -> Result {
        describe(request)
        return withBlock(body)
    }

    /// A block that outlives the next call. It is one piece of memory, the caller's to deallocate.
    /// - Parameter request: described in it; nil when the process is not told of any.
    func copy(of request: CallRequest?) -> UnsafeMutableRawPointer {
        if let request {
            describe(request)
        } else {
            text.removeAll(keepingCapacity: true)
            starts.removeAll(keepingCapacity: true)
        }
        let all = withBlock { block in
            var count = 0
            while block?[count] != nil { count += 1 }
            return Array(UnsafeBufferPointer(start: block, count: count))
        }
        let stride = MemoryLayout<UnsafeMutablePointer<CChar>?>.stride
        let room = (all.count + 1) * stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: room + text.count, alignment: stride)
        text.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { memcpy(memory + room, base, bytes.count) }
        }
        let pointers = memory.bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: all.count + 1)
        for (index, variable) in all.enumerated() {
            // Its own variables come first.
            let own = index < starts.count ? memory + room + starts[index] : nil
            pointers[index] = own?.assumingMemoryBound(to: CChar.self) ?? variable
        }
        pointers[all.count] = nil
        return memory
    }

    private func describe(_ request: CallRequest) {
        let head = request.head
        let bytes = request.bytes
        text.removeAll(keepingCapacity: text.capacity <= 2 * Limits.buffer)
        starts.removeAll(keepingCapacity: true)
        for field in head.fields where isExported(bytes.slice(field.name)) {
            addField(bytes.slice(field.name), bytes.slice(field.value))
        }
        if let path = request.replacingPath {
            addReplaced(path: path)
        } else {
            add("Http_Method=", bytes.slice(head.method))
            addPath(bytes.slice(head.path))
            if !head.query.isEmpty { add("Http_Query=", bytes.slice(head.query)) }
        }
        if !head.host.isEmpty { add("Http_Host=", bytes.slice(head.host)) }
        addLength(request.replacingPath == nil ? head.framing : .none)
    }

    private func withBlock<Result>(_ body: (Block?) -> Result) -> Result {
        text.withUnsafeMutableBytes { memory in
            pointers.removeAll(keepingCapacity: true)
            if let base = memory.baseAddress {
                for start in starts { pointers.append((base + start).assumingMemoryBound(to: CChar.self)) }
            }
            let own = pointers.count
            for variable in inheritedHttp where !isReplaced(variable, by: pointers[..<own]) {
                pointers.append(variable)
            }
            for variable in inherited { pointers.append(variable) }
            pointers.append(nil)
            return pointers.withUnsafeMutableBufferPointer { block in
                body(block.baseAddress)
            }
        }
    }

    private func isReplaced(
        _ variable: UnsafeMutablePointer<CChar>, by own: ArraySlice<UnsafeMutablePointer<CChar>?>
    ) -> Bool {
        guard let equals = strchr(variable, 0x3d) else { return false }
        let length = equals - variable + 1
        return own.contains { other in other.map { strncmp($0, variable, length) == 0 } ?? false }
    }
}

// MARK: - Writing variables

extension ChildEnvironment {
    private func isExported(_ name: UnsafeRawBufferPointer) -> Bool {
        guard name.allSatisfy({ $0.isLetter || $0.isDigit || $0 == .dash }) else { return false }
        return !Self.reserved.contains { name.matches($0) }
    }

    /// `Http_X_Forwarded_For=value`: Go's canonical spelling with underscores. Of fields with one name the first counts.
    private func addField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let start = text.count
        append("Http_")
        var raises = true
        for byte in name {
            text.append(byte == .dash ? .underscore : raises ? byte.raised : byte.lowered)
            raises = byte == .dash
        }
        text.append(0x3d)
        let length = text.count - start
        let isKnown = text.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            return starts.contains { memcmp(base + $0, base + start, min(length, start - $0)) == 0 }
        }
        guard !isKnown else {
            text.removeSubrange(start...)
            return
        }
        text.append(contentsOf: value)
        end(start)
    }

    private func add(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        let start = text.count
        append(name)
        text.append(contentsOf: value)
        end(start)
    }

    /// The path decoded, as Go's `URL.Path` is; the parser has let no escaped null byte through.
    private func addPath(_ path: UnsafeRawBufferPointer) {
        let start = text.count
        append("Http_Path=")
        if path.isEmpty { text.append(.slash) }
        path.forEachDecoded { text.append($0) }
        end(start)
    }

    private func addReplaced(path: String) {
        let pieces = path.split(separator: "?", maxSplits: 1)
        add("Http_Method=GET", UnsafeRawBufferPointer(start: nil, count: 0))
        for (name, piece) in zip(["Http_Path=", "Http_Query="] as [StaticString], pieces) {
            let start = text.count
            append(name)
            text.append(contentsOf: piece.utf8.filter { $0 != 0 })
            end(start)
        }
    }

    /// Both spellings the classic watchdog has; -1 when the length is not known before the end.
    private func addLength(_ framing: RequestHead.Framing) {
        let length: String
        switch framing {
        case .none: length = "0"
        case .length(let count): length = "\(count)"
        case .chunked:
            length = "-1"
            add("Http_Transfer_Encoding=chunked", UnsafeRawBufferPointer(start: nil, count: 0))
        }
        for name in ["Http_ContentLength=", "Http_Content_Length="] as [StaticString] {
            let start = text.count
            append(name)
            text.append(contentsOf: length.utf8)
            end(start)
        }
    }

    private func append(_ piece: StaticString) {
        text.append(contentsOf: UnsafeBufferPointer(start: piece.utf8Start, count: piece.utf8CodeUnitCount))
    }

    private func end(_ start: Int) {
        text.append(0)
        starts.append(start)
    }
}
