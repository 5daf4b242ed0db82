/// From the function to the client.
extension UpstreamCall {
    func readResponse(into buffer: Buffer) -> CallStep? {
        while true {
            if phase == .head, let response, !response.isEmpty {
                if let step = takeHead(response, buffer) { return step }
            }
            // All that was received is passed on before more is.
            if phase == .body, let response, let step = takeBody(response, buffer) { return step }
            guard buffer.free > Limits.ownLine, let socket, socket.canReceive else {
                return buffer.isEmpty ? nil : .more
            }
            switch receive(socket) {
            case .moved:
                continue
            case .blocked:
                return buffer.isEmpty ? nil : .more
            case .ended:
                return ended("connection closed")
            case .failed(let error):
                return ended(error.text)
            }
        }
    }

    private func receive(_ socket: UpstreamSocket) -> Transfer {
        let response = response ?? server.pool.take()
        self.response = response
        if response.free < Limits.ownLine { response.compact() }
        let outcome = response.fill { Descriptors.receive(socket: socket.descriptor, into: $0) }
        // Less than there was room for is all there is; more of it is a new event.
        if outcome == .blocked || response.free > 0 && !socket.isPeerClosed { socket.canReceive = false }
        return outcome
    }

    private func ended(_ reason: String) -> CallStep? {
        switch phase {
        case .head:
            return lostSocket(reason)
        case .body where endsWithSocket:
            return finish()
        default:
            server.log.line("answer of the function ends early: \(reason)")
            return .cut
        }
    }

    /// - Returns: nil when the head is passed on, or more of it has to be received.
    private func takeHead(_ response: Buffer, _ buffer: Buffer) -> CallStep? {
        guard let connection else { return .cut }
        while !response.isEmpty {
            let received = response.readable
            guard let end = UpstreamResponse.end(received) else {
                return received.count > Limits.upstreamHead ? malformed("its head is too large") : nil
            }
            let bytes = received.slice(0..<end)
            guard end <= Limits.upstreamHead,
                let head = UpstreamResponse(bytes, isHEAD: connection.exchange.isHEAD)
            else { return malformed("it is not HTTP") }
            guard head.code != 101 || isUpgrade else { return malformed("another protocol was not asked for") }
            // Interim answers are for the watchdog alone.
            let isFinal = head.code >= 200 || head.code == 101
            if isFinal { pass(head, bytes, connection, buffer) }
            response.consume(end)
            if isFinal { return nil }
        }
        return nil
    }

    private func pass(
        _ head: UpstreamResponse, _ bytes: UnsafeRawBufferPointer, _ connection: Connection, _ buffer: Buffer
    ) {
        phase = .body
        keepsSocket = head.keepsAlive
        switch head.framing {
        case .none: responseBody = RequestBody()
        case .length(let length): responseBody = RequestBody(.length(length))
        case .chunked: responseBody = RequestBody(.chunked)
        case .untilClose:
            responseBody = .open
            endsWithSocket = true
        }
        let isTunnel = head.code == 101
        if isTunnel {
            responseBody = .open
            endsWithSocket = true
            keepsSocket = false
            isInputOver = false
            connection.becomeTunnel()
        }
        var answer = ResponseHead(head.status(bytes), length: head.length, duration: isTunnel ? nil : age)
        answer.hasDate = head.hasDate
        connection.append(answer, to: buffer) { buffer in
            if isTunnel { buffer.append("Connection: Upgrade\r\nUpgrade: websocket\r\n") }
            head.fields.write(bytes, to: buffer)
        }
    }

    /// - Returns: nil when there is room for more, and more has to be received.
    private func takeBody(_ response: Buffer, _ buffer: Buffer) -> CallStep? {
        guard let connection else { return .cut }
        while !responseBody.isComplete {
            guard !response.isEmpty else { return nil }
            switch responseBody.next(response.readable) {
            case .framing(let count):
                response.consume(count)
            case .payload(let count):
                let taken = connection.append(body: response.readable.slice(0..<count), to: buffer)
                guard taken > 0 else { return .more }
                responseBody.consumed(taken)
                response.consume(taken)
            case .malformed(let rejection):
                server.log.line("answer of the function is malformed: \(rejection.reason)")
                return .cut
            }
        }
        return finish()
    }

    private func finish() -> CallStep {
        guard let connection else { return .cut }
        phase = .ended
        // What comes after the answer, or a request that is not sent whole, leaves the connection of no use.
        if sent < request.count || !isInputOver || !(response?.isEmpty ?? true) { keepsSocket = false }
        connection.endFrames(connection.outputBuffer())
        return .finish
    }

    private func malformed(_ reason: String) -> CallStep {
        let text = "answer of the function cannot be used: \(reason)"
        server.log.line(text)
        return fail(.internalError, text)
    }
}
