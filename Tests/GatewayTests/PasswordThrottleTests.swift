import Testing

@testable import Gateway

/// Guessing the API's password.
struct PasswordThrottleTests {
    @Test func aClientThatGuessesWaitsAndOthersDoNot() throws {
        var table = PasswordThrottle.Table()
        for second in 0..<PasswordThrottle.Table.limit {
            #expect(table.wait("a", now: Double(second)) == nil)
            table.failed("a", now: Double(second))
        }
        #expect(table.wait("a", now: 20) == 40)
        #expect(table.wait("b", now: 20) == nil)
        // Then it may try again.
        #expect(table.wait("a", now: 60) == nil)
        table.failed("a", now: 61)
        #expect(table.wait("a", now: 62) == nil)
    }

    @Test func theRightPasswordForgetsWrongOnes() {
        var table = PasswordThrottle.Table()
        for _ in 1..<PasswordThrottle.Table.limit { table.failed("a", now: 0) }
        table.succeeded("a")
        table.failed("a", now: 1)
        #expect(table.wait("a", now: 1) == nil)
    }

    @Test func memoryIsBounded() {
        var table = PasswordThrottle.Table()
        for _ in 0..<PasswordThrottle.Table.limit { table.failed("bad", now: 5) }
        for client in 0...PasswordThrottle.Table.clients { table.failed("\(client)", now: 1) }
        // The one that failed last stays.
        #expect(table.wait("bad", now: 6) != nil)
    }

    @Test func clientsAreToldApartByTheirAddresses() {
        #expect(PasswordThrottle.key("127.0.0.1") == nil && PasswordThrottle.key("127.8.9.1") == nil)
        #expect(PasswordThrottle.key("::1") == nil && PasswordThrottle.key(nil) == nil)
        #expect(PasswordThrottle.key("192.0.2.7") == "192.0.2.7")
        #expect(PasswordThrottle.key("2001:db8::1") == PasswordThrottle.key("2001:db8:0:0:9::2"))
        #expect(PasswordThrottle.key("2001:db8::1") != PasswordThrottle.key("2001:db8:0:1::1"))
    }

    @Test func theThrottleItselfCountsByClient() {
        let throttle = PasswordThrottle()
        for _ in 0..<PasswordThrottle.Table.limit {
            throttle.failed("192.0.2.7")
            throttle.failed("127.0.0.1")
        }
        #expect((1...60).contains(throttle.wait("192.0.2.7") ?? 0))
        #expect(throttle.wait("127.0.0.1") == nil && throttle.wait("192.0.2.8") == nil)
        throttle.succeeded("192.0.2.7")
        #expect(throttle.wait("192.0.2.7") == nil)
    }
}
