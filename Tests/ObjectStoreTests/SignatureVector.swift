import Crypto
import Foundation
import ObjectStore
import Testing

/// One case of the signature version 4 test suite, read from `Vectors/v4`.
struct SignatureVector: Sendable, CustomTestStringConvertible {
    struct Context: Decodable {
        struct Credentials: Decodable {
            let access_key_id: String
            let secret_access_key: String
            let token: String?
        }
        let credentials: Credentials
        let expiration_in_seconds: Int
        let normalize: Bool
        let region: String
        let service: String
        let sign_body: Bool
        let timestamp: Date
        let omit_session_token: Bool?
    }

    let name: String
    let folder: URL
    var testDescription: String { name }

    static let all: [SignatureVector] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/v4")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.sorted().map { SignatureVector(name: $0, folder: root.appending(path: $0)) }
    }()

    func text(_ file: String) throws -> String {
        try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    }

    func context() throws -> Context {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(Context.self, from: Data(try text("context.json").utf8))
    }

    func signer() throws -> SigV4 {
        let context = try context()
        return SigV4(
            accessKey: context.credentials.access_key_id, secretKey: context.credentials.secret_access_key,
            sessionToken: context.credentials.token, region: context.region, service: context.service,
            pathMode: .generic(normalize: context.normalize), signsSessionToken: context.omit_session_token != true)
    }

    /// The request before signing, and the SHA-256 of its body.
    func request() throws -> (request: SigV4.Request, bodyHash: String) {
        let text = try text("request.txt")
        let halves = text.components(separatedBy: "\n\n")
        var lines = halves[0].split(separator: "\n").map(String.init)
        // A path may hold blanks: the method ends at the first, the version begins at the last.
        let first = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
        let target = first.dropFirst().dropLast().joined(separator: " ")
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var headers: [(name: String, value: String)] = []
        for line in lines {
            if line.hasPrefix(" "), let last = headers.popLast() {
                headers.append((last.name, last.value + "\n" + line))
            } else {
                let halves = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                headers.append((String(halves[0]), String(halves[1])))
            }
        }
        let body = halves.dropFirst().joined(separator: "\n\n")
        let request = SigV4.Request(
            method: String(first[0]), path: parts[0], query: parts.count > 1 ? parts[1] : "", headers: headers)
        return (request, SHA256.hash(data: Data(body.utf8)).map { String(format: "%02x", $0) }.joined())
    }
}
