import Testing

@Suite struct OperationsTests {
    private static let path = "Sources/StudioCore/StudioCore.docc/Operations.md"
    /// Named in the sources of programs, but not set by operators.
    private static let others: Set<String> = [
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", "AV_LOG_FORCE_NOCOLOR", "HOME", "LC_ALL", "PATH", "TMPDIR",
    ]

    @Test(arguments: ["studio-api", "worker-hub", "worker-runtime", "composer"])
    func `operators are told of every setting that a program reads`(program: String) throws {
        let text = try Repository.text(Self.path).text
        let read = ProgramVariables(of: program).all.subtracting(Self.others).filter { !$0.hasSuffix("_FILE") }
        #expect(read.contains("LOG_LEVEL"))
        expectNone(
            read.sorted().filter { !text.contains("`\($0)`") }
                .map { Violation(Self.path, "\(program) reads \($0), which is not in the table of settings") })
    }
}
