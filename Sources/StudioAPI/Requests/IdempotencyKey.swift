import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import StudioCore

/// The value of an `Idempotency-Key` field.
enum IdempotencyKey {
    /// Reads the field: a quoted string of RFC 9651, or the bare text that many clients send.
    ///
    /// - Throws: ``Problem`` when it is empty, too long or has other than printable characters of ASCII.
    static func read(_ field: String) throws -> String {
        let text = try unquoted(field)
        guard (1...IdempotencyClaim.keyMax).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw fault }
        return text
    }

    private static func unquoted(_ field: String) throws -> String {
        guard field.hasPrefix("\"") else { return field }
        guard field.utf8.count >= 2, field.hasSuffix("\"") else { throw fault }
        var text = ""
        var escaped = false
        for character in field.dropFirst().dropLast() {
            switch (escaped, character) {
            case (true, "\""), (true, "\\"):
                text.append(character)
                escaped = false
            case (true, _), (false, "\""): throw fault
            case (false, "\\"): escaped = true
            case (false, _): text.append(character)
            }
        }
        if escaped { throw fault }
        return text
    }

    private static let fault = Problem(
        .badRequest, code: "invalid_idempotency_key",
        detail: "The Idempotency-Key must have 1 to \(IdempotencyClaim.keyMax) printable characters of ASCII.")
}

extension Request {
    /// The caller's promise that requests with its `Idempotency-Key` are one; `nil` without the field.
    ///
    /// - Parameter body: what makes two requests of one path the same.
    func idempotencyClaim(of body: String) throws -> IdempotencyClaim? {
        guard let field = headers[.idempotencyKey] else { return nil }
        let key = try IdempotencyKey.read(field)
        let hash = SHA256.hash(data: Data("\(method.rawValue) \(uri.path)\n\(body)".utf8))
            .map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        return IdempotencyClaim(key: key, requestHash: hash)
    }
}
