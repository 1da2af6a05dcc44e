import Foundation
import StudioClient
import StudioCore

/// Brings a run's film here, and its poster beside it.
struct FilmDownload: Sendable {
    /// What came.
    struct Files: Sendable {
        let film: String
        let poster: String?
    }

    private let client: StudioClient
    private let film: URL
    private let poster: URL

    /// Checks that both files can be written, before anything is rendered.
    ///
    /// - Throws: ``Failure`` with `usage`.
    init(client: StudioClient, path: String) throws {
        self.client = client
        film = URL(fileURLWithPath: path)
        poster = film.deletingPathExtension().appendingPathExtension("jpg")
        guard film.path != poster.path else {
            throw Failure(.usage, "\(path) is where the film's poster goes.\n→ Name the film .mp4.")
        }
        do {
            for path in [path, poster.path] { try DownloadTarget.check(path) }
        } catch {
            throw Failure(.usage, error.detail)
        }
    }

    /// Downloads what the run made.
    func fetch(_ id: RunID) async throws -> Files {
        let run = try await client.run(id)
        guard let artifact = run.film else { throw Failure(.notFound, "\(id) made no film.") }
        try await client.download(artifact, to: film.path)
        if let artifact = run.poster { try await client.download(artifact, to: poster.path) }
        return Files(film: film.path, poster: run.poster == nil ? nil : poster.path)
    }
}
