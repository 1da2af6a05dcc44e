/// The names in `Package.swift`.
struct PackageManifest {
    private(set) var targets: Set<String> = []
    private(set) var programs: Set<String> = []
    private(set) var tests: Set<String> = []
    /// Files compiled in as resources, relative to their target.
    private(set) var embedded: Set<String> = []

    init() throws {
        let text = try Repository.text("Package.swift").text
        for match in text.matches(of: /\.(systemLibrary|target|executableTarget|testTarget)\(\s*name: "([^"]+)"/) {
            let name = String(match.output.2)
            switch match.output.1 {
            case "testTarget": tests.insert(name)
            case "executableTarget": programs.insert(name)
            default: targets.insert(name)
            }
        }
        targets.formUnion(programs)
        embedded = Set(text.matches(of: /\.embedInCode\("([^"]+)"\)/).map { String($0.output.1) })
    }
}
