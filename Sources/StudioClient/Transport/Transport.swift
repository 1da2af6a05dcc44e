import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import StudioCore

/// Sends calls with the key, and tries again what may pass.
struct Transport: Sendable {
    /// Larger answers are not read, in bytes.
    private static let answerBytesMax = 64 * 1024 * 1024
    private static let pauseMax = Duration.seconds(5)

    let client: HTTPClient
    let configuration: StudioClientConfiguration

    /// The first answer that succeeds.
    func answer(to call: Call) async throws -> Answer {
        var pause = configuration.pause
        var attempt = 1
        while true {
            do {
                return try await onceAnswer(to: call)
            } catch let error as StudioClientError where error.isTransient && attempt < configuration.attemptsMax {
                attempt += 1
                let asked = Duration.seconds(error.retryAfterSeconds ?? 0)
                try await Task.sleep(for: min(max(asked, pause * Double.random(in: 0.75...1.25)), Self.pauseMax))
                pause *= 2
            }
        }
    }

    /// The answer of one try; a redirect counts as success.
    func onceAnswer(to call: Call) async throws -> Answer {
        let response = try await send(call, limit: configuration.answerLimit + call.patience)
        let body: ByteBuffer
        do {
            body = try await response.body.collect(upTo: Self.answerBytesMax)
        } catch {
            throw Self.translated(error, url: configuration.url)
        }
        let status = Int(response.status.code)
        guard (200..<400).contains(status) else { throw Self.refusal(status, response.headers, body) }
        return Answer(status: status, headers: response.headers, body: body)
    }

    /// The head of an answer, its body still to be read.
    func send(_ call: Call, limit: Duration) async throws -> HTTPClientResponse {
        // The transport would name the whole header in its error.
        guard StudioClientConfiguration.isKey(configuration.apiKey) else {
            throw StudioClientError(.refused, "The API key holds a blank or another character that no key has.")
        }
        var request = HTTPClientRequest(url: call.url(below: configuration.url))
        request.method = call.method
        request.headers.add(name: "authorization", value: "Bearer \(configuration.apiKey)")
        request.headers.add(name: "user-agent", value: "studio")
        for (name, value) in call.headers { request.headers.add(name: name, value: value) }
        if let body = call.body { request.body = .bytes(ByteBuffer(bytes: body)) }
        do {
            return try await client.execute(request, timeout: .nanoseconds(Int64(limit / .nanoseconds(1))))
        } catch {
            throw Self.translated(error, url: configuration.url)
        }
    }

    static func refusal(_ status: Int, _ headers: HTTPHeaders, _ body: ByteBuffer) -> StudioClientError {
        let problem = try? RecordJSON.decode(ProblemRecord.self, from: Data(body.readableBytesView))
        let code: StudioClientError.Code =
            switch status {
            case 401, 403: .unauthorized
            case 404: .notFound
            case 409: .conflict
            case 408: .timeout
            case 429, 500...: .server
            default: .refused
            }
        let detail = problem?.detail ?? "The server answered \(status)."
        return StudioClientError(
            code, detail, problem: problem, retryAfterSeconds: headers.first(name: "retry-after").flatMap { Int($0) })
    }

    /// What the transport's error means to a caller; passes on what is one of ours, and cancellation.
    static func translated(_ error: any Error, url: String) -> any Error {
        if error is CancellationError || error is StudioClientError { return error }
        if error is NIOTooManyBytesError {
            return StudioClientError(.malformed, "The server's answer is larger than \(answerBytesMax >> 20) MiB.")
        }
        switch error as? HTTPClientError {
        case .cancelled where Task.isCancelled: return CancellationError()
        case .invalidURL, .emptyHost, .emptyScheme:
            return StudioClientError(.refused, "\"\(url)\" is not the URL of a server: write it as http://host:port")
        case .readTimeout, .deadlineExceeded:
            return StudioClientError(.timeout, "The server at \(url) did not answer in time.")
        default:
            // The long form of the library's own errors repeats what was sent.
            let reason = (error as? HTTPClientError)?.shortDescription ?? "\(error)"
            return StudioClientError(.unreachable, "The server at \(url) cannot be reached (\(reason)).")
        }
    }
}
