#if canImport(Proxy)
    @testable import Proxy
#endif

/// What must hold for any bytes whatsoever. The tests try it with a corpus and with random changes of it, and the
/// fuzzer compiles this folder together with the parsers and looks for bytes that break it.
enum ParserProperty: String, CaseIterable, Sendable {
    /// The head of a request means the same however it arrives, and nothing ambiguous is accepted.
    case request
    /// The same for the head of an answer.
    case response
    /// A chunked body is the same however it arrives, and what is passed on of it is well formed.
    case chunks
    /// What a replica gets of an accepted head is itself acceptable, with one framing and without fields of one hop.
    case rewrite
    /// The same for what a client gets.
    case answer

    /// Limits small enough to be met by small inputs.
    static let limits = HeadLimits(bytes: 1024, fields: 16, targetBytes: 128)

    /// - Returns: what does not hold; `nil` when all does.
    func violation(for input: [UInt8]) -> String? {
        do {
            switch self {
            case .request: try RequestProperty.check(input)
            case .response: try ResponseProperty.check(input)
            case .chunks: try ChunkProperty.check(input)
            case .rewrite: try RewriteProperty.check(input)
            case .answer: try AnswerProperty.check(input)
            }
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// Something that does not hold.
struct Violation: Error, CustomStringConvertible {
    let description: String

    /// Throws unless `fact` is true.
    static func unless(_ fact: Bool, _ description: @autoclosure () -> String) throws {
        if !fact { throw Violation(description: description()) }
    }
}

/// Ways in which the same bytes may arrive.
enum Arrival {
    /// Ends of pieces, without the last one: cuts that follow from the bytes themselves, so that a failure can be
    /// repeated, and one byte at a time.
    static func ends(of bytes: [UInt8]) -> [[Int]] {
        var random = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        func next() -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % (bytes.count + 1)
        }
        let single = [next()]
        let several = (0..<4).map { _ in next() }.sorted()
        return bytes.count <= 256 ? [single, several, Array(bytes.indices)] : [single, several]
    }
}

/// What a parser said of a head.
enum Verdict: Equatable {
    case incomplete
    /// Everything that the parser found, as numbers.
    case complete([Int])
    case fault(HeadFault)

    /// Feeds a parser longer and longer parts of `bytes`.
    static func of(
        _ bytes: [UInt8], ends: [Int], parse: (Bytes) throws(HeadFault) -> [Int]?
    ) -> Verdict {
        for end in ends + [bytes.count] {
            // A copy of its own size, so that reading past the end is a fault and not luck.
            let part = Array(bytes[..<end])
            let result: Result<[Int]?, HeadFault> = part.withUnsafeBytes { part in
                do throws(HeadFault) {
                    return .success(try parse(part))
                } catch {
                    return .failure(error)
                }
            }
            switch result {
            case .success(nil): continue
            case .success(let found?): return .complete(found)
            case .failure(let fault): return .fault(fault)
            }
        }
        return .incomplete
    }

    /// Whether both come to the same. That there is too much may be seen before another fault, or behind it.
    func agrees(with other: Verdict) -> Bool {
        let sizes: Set<HeadFault> = [.headTooLong, .targetTooLong]
        if case .fault(let one) = self, case .fault(let two) = other {
            return one == two || sizes.contains(one) || sizes.contains(two)
        }
        return self == other
    }
}

extension [FieldLine] {
    /// Every place and kind, to be compared.
    var numbers: [Int] {
        flatMap {
            [Int($0.start), Int($0.nameEnd), Int($0.valueStart), Int($0.valueEnd), Int($0.end), Int($0.kind.rawValue)]
        }
    }
}

extension ConnectionFields {
    var numbers: [Int] {
        [
            contentLength ?? -1, isChunked ? 1 : 0, saysClose ? 1 : 0, saysKeepAlive ? 1 : 0, saysUpgrade ? 1 : 0,
            namesFields ? 1 : 0, offersWebSocket ? 1 : 0,
        ]
    }
}
