import Foundation
import Testing

@testable import Faasd

struct CodePagesTests {
    @Test func onlyExecutableFilesAreTaken() {
        let maps = """
            00400000-00500000 r-xp 00000000 fe:00 123                       /usr/bin/faasd
            00500000-00600000 r--p 00100000 fe:00 123                       /usr/bin/faasd
            00600000-00700000 rw-p 00200000 fe:00 123                       /usr/bin/faasd
            7f00000000-7f00100000 r-xp 00000000 fe:00 9                     /usr/lib/a name with spaces.so
            7ffe000000-7ffe001000 r-xp 00000000 00:00 0                     [vdso]
            7fff000000-7fff001000 r-xp 00000000 00:00 0
            """
        #expect(CodePages.executable(maps) == [0x40_0000..<0x50_0000, 0x7f_0000_0000..<0x7f_0010_0000])
        #expect(CodePages.executable("") == [] && CodePages.executable("x-y r-xp 0 0 0 /f") == [])
    }

    @Test func theProgramRunsOnWithLess() throws {
        let before = try residentFilePages()
        CodePages.drop()
        #expect(try residentFilePages() < before)
    }

    private func residentFilePages() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }
}
