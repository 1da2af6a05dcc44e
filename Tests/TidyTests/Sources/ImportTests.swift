import Testing

@Suite struct ImportTests {
    @Test func `targets import what the table allows`() {
        expectNone(Repository.sources.flatMap(ImportTable.violations))
    }

    @Test func `the table, the package and the folders name the same targets`() throws {
        let manifest = try PackageManifest()
        #expect(manifest.targets == Set(ImportTable.all.keys), "in Package.swift, and in the table of this test")
        #expect(manifest.programs == Set(ImportTable.programs.keys))
        #expect(Set(try Repository.entries("Sources")) == Set(ImportTable.all.keys), "folders of Sources")
    }

    @Test func `no two targets differ only by case`() throws {
        let manifest = try PackageManifest()
        let names = manifest.targets.union(manifest.tests)
        #expect(Set(names.map { $0.lowercased() }).count == names.count)
    }

    @Test func `a foreign import is found with its line`() {
        let source = SwiftSource(
            Text(path: "Sources/WorkerRuntime/X.swift", text: "import Foundation\npackage import StudioStore\n"))
        #expect(ImportTable.violations(in: source).map(\.line) == [2])
        let test = SwiftSource(Text(path: "Tests/StudioAPITests/X.swift", text: "@testable import CPostgres"))
        #expect(ImportTable.violations(in: test).count == 1)
        let core = SwiftSource(Text(path: "Sources/StudioCore/X.swift", text: "import Foundation"))
        #expect(ImportTable.violations(in: core).count == 1)
    }
}
