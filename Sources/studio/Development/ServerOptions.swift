import ArgumentParser
import StudioClient
import StudioCore

/// Which server a command talks to.
struct ServerOptions: ParsableArguments {
    private static let urlDefault = "http://127.0.0.1:8080"

    @Option(help: "The server (STUDIO_URL; default the local stack's).")
    var url: String?

    @OptionGroup var dev: DevOptions

    /// A client with the key from API_KEY, or from the local stack where that is the server.
    func client() throws -> StudioClient {
        let local = DevDirectory(dev.dir).load()
        let url = url ?? Terminal.variable("STUDIO_URL").flatMap { $0.isEmpty ? nil : $0 } ?? local?.url
        let localKey = url == nil || url == local?.url ? local?.apiKey : nil
        guard let key = Terminal.read(secret: "API_KEY") ?? localKey else {
            throw Failure(
                .unauthorized,
                local == nil && url == nil
                    ? "There is no server.\n→ Start a local one with `studio dev up`, or set STUDIO_URL and API_KEY."
                    : "There is no API key for \(url ?? Self.urlDefault).\n→ Set API_KEY.")
        }
        guard StudioClientConfiguration.isKey(key) else {
            throw Failure(
                .unauthorized,
                "API_KEY holds a blank, a line break or another character that no key has.\n"
                    + "→ Set it anew, or name a file that holds the key in API_KEY_FILE.")
        }
        return StudioClient(configuration: StudioClientConfiguration(url: url ?? Self.urlDefault, apiKey: key))
    }
}

extension StudioClient {
    private static let pagesMax = 25

    /// The run whose id is, or alone begins with, `text`; also without `run_`.
    func run(named text: String) async throws -> RunRecord {
        if let id = RunID(text) { return try await run(id) }
        let prefix = text.hasPrefix("run_") ? text : "run_\(text)"
        var found: [RunRecord] = []
        var cursor: String?
        for _ in 0..<Self.pagesMax {
            let page = try await runs(limit: 200, cursor: cursor)
            found += page.data.filter { $0.id.description.hasPrefix(prefix) }
            cursor = page.nextCursor
            if cursor == nil { break }
        }
        guard let run = found.first else { throw Failure(.notFound, "There is no run whose id begins with \(prefix).") }
        guard found.count == 1 else {
            throw Failure(.usage, "\(Spoken.count(found.count, "run")) begin with \(prefix): write more of the id.")
        }
        return run
    }
}
