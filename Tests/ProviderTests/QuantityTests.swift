import Testing

@testable import Provider

struct QuantityTests {
    @Test(arguments: [
        ("0", 0), ("1", 1), ("128Mi", 134_217_728), ("1Gi", 1_073_741_824), ("64M", 64_000_000), ("500000", 500_000),
        ("1.5Ki", 1536), ("2e3", 2000), ("1E3", 1000), ("100m", 1), (".5k", 500), ("5.", 5),
    ])
    func roundsUp(text: String, expected: Int64) {
        #expect(Quantity(text)?.roundedUp == expected)
    }

    @Test func keepsThousandths() {
        #expect(Quantity("100m")?.thousandths == 100)
        #expect(Quantity("0.25")?.thousandths == 250)
        #expect(Quantity("0.0001")?.thousandths == 1)
    }

    /// An exabyte does not fit in thousandths.
    @Test(arguments: [
        "1E", "", "Mi", "-1", "+1", "1 Mi", "1mi", "1KB", "1.2.3", ".", "1e", "1e99", "0x10", "１", "NaN", "inf", "1\n",
    ])
    func refuses(text: String) {
        #expect(Quantity(text) == nil)
    }
}
