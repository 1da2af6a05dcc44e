import ProgramSettings
import Testing

@testable import ProgramMain

@Suite struct ProgramEndTests {
    private struct Wordy: Error, CustomStringConvertible {
        let description = "one\n  two\n"
    }

    @Test func `a setting that cannot be used ends with 2, all of them in lines of their own`() {
        var faults = SettingFaults()
        for variable in ["A", "B"] { _ = faults.collect { throw SettingError(variable, "is required") } }
        #expect(ProgramEnd(faults).lines == ["A: is required", "B: is required"])
        #expect(ProgramEnd(faults).exitCode == 2)
        #expect(ProgramEnd(SettingError("A", "is required")).exitCode == 2)
    }

    @Test func `a service that fails ends with 1 and one line`() {
        #expect(ProgramEnd(Wordy()).lines == ["one;   two"])
        #expect(ProgramEnd(Wordy()).exitCode == 1)
    }
}
