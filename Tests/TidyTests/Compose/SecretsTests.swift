import Foundation
import Testing

@Suite struct SecretsTests {
    @Test func `the script makes every secret that a file names, and changes nothing the second time`() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "ainern2d-secrets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for name in ["secrets", ".env.example"] {
            try FileManager.default.copyItem(
                at: Repository.root.appending(path: "compose/\(name)"), to: directory.appending(path: name))
        }
        #expect(try run(in: directory).contains("wrote .secrets/api_key"))
        for file in try ComposeFile.all() {
            for (name, path) in file.secrets {
                let place = file.host == .gpu ? path.replacing(".secrets/", with: ".secrets/gpu/") : path
                let attributes = try FileManager.default.attributesOfItem(atPath: directory.appending(path: place).path)
                #expect(attributes[.size] as? Int ?? 0 > 0, "\(file.path): \(name)")
            }
        }
        let home = directory.appending(path: ".secrets")
        let mode = try FileManager.default.attributesOfItem(atPath: home.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        let before = try contents(of: home)
        #expect(try run(in: directory) == "")
        #expect(try contents(of: home) == before)
        // What is derived follows: a lost password is made anew, and its URL with it.
        try FileManager.default.removeItem(at: home.appending(path: "passwords/rabbitmq_worker"))
        let renewed = try run(in: directory)
        for path in ["rabbitmq_definitions.json", "amqp_url_worker", "gpu/amqp_url_worker"] {
            #expect(renewed.contains("wrote .secrets/\(path)"))
        }
        #expect(!renewed.contains("database"))
    }

    private func run(in directory: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [directory.appending(path: "secrets").path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }

    private func contents(of directory: URL) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: directory.path) {
            contents[path] = try? Data(contentsOf: directory.appending(path: path))
        }
        return contents
    }
}
