/// Tells bytes apart (FNV-1a). It protects nothing: whoever wants to makes others with the same sum.
enum Checksum {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
    }
}
