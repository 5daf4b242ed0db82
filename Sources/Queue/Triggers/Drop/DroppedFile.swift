import Foundation
import Glibc

/// A name in a folder, as the kernel has it: bytes without `/` and zero, which need not be text.
struct FileName: Hashable, Comparable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    static func < (one: FileName, other: FileName) -> Bool { one.bytes.lexicographicallyPrecedes(other.bytes) }

    /// Whether it is left alone: programs that write a file in steps begin its name so until it is whole.
    var isHidden: Bool { bytes.first == UInt8(ascii: ".") }

    /// The name in a form that fits into a header and a log: all but unreserved characters percent-encoded (RFC 3986).
    var encoded: String {
        var text = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(UnicodeScalar(byte))
            default:
                text += byte < 16 ? "%0" : "%"
                text += String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }

    /// Calls a body with the name as C takes it.
    func withPath<Value>(_ body: (UnsafePointer<CChar>) -> Value) -> Value {
        (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            // An array with an element has an address.
            buffer.baseAddress.map(body) ?? "".withCString(body)
        }
    }
}

/// What a look at a file gave.
enum DroppedFile {
    /// The whole file. The key is the same as long as the file is.
    case whole(Data, key: String)
    /// Somebody still writes it.
    case busy
    /// It is gone, or is a folder.
    case none
    /// It cannot be delivered, and why.
    case refused(String)
}
