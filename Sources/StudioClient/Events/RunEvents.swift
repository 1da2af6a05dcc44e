import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
package import StudioCore

/// What a stream of a run's events tells.
package enum RunNews: Sendable {
    /// Everything as it is now; forget what came before.
    case snapshot(RunSnapshot)
    case event(RunEventRecord)

    /// Whether nothing follows, unless a user has the run done once more.
    package var endsRun: Bool {
        switch self {
        case .snapshot(let snapshot): snapshot.run.isTerminal
        case .event(let event): event.endsRun
        }
    }
}

/// The events of one run until it has ended; connects again by itself, at the place where it was.
///
/// It ends with the first end that it hears of. A run may wait for days, paused for example: connections that lived, if
/// only by the server's heartbeats, do not count as failures, however many of them break.
package struct RunEvents: AsyncSequence, Sendable {
    package typealias Element = RunNews

    let run: RunID
    let transport: Transport
    let after: Int64?

    package func makeAsyncIterator() -> Iterator {
        Iterator(run: run, transport: transport, lastEventID: after.map { String($0) })
    }

    package struct Iterator: AsyncIteratorProtocol {
        private static let pauseMax = Duration.seconds(5)

        private let run: RunID
        private let transport: Transport
        private var lastEventID: String?
        private var body: HTTPClientResponse.Body.AsyncIterator?
        private var parser = ServerSentEventParser()
        private var waiting: [RunNews] = []
        /// Connections in a row that brought nothing but the server's greeting.
        private var failures = 0
        private var isGreeted = false
        private var isFinished = false

        init(run: RunID, transport: Transport, lastEventID: String?) {
            self.run = run
            self.transport = transport
            self.lastEventID = lastEventID
        }

        @concurrent
        package mutating func next() async throws -> RunNews? {
            while waiting.isEmpty {
                if isFinished { return nil }
                do {
                    try await read()
                } catch let error as StudioClientError where error.isTransient {
                    body = nil
                    failures += 1
                    guard failures < transport.configuration.streamFailuresMax else { throw error }
                    let pause = transport.configuration.pause * (1 << Swift.min(failures - 1, 6))
                    try await Task.sleep(for: Swift.min(pause, Self.pauseMax))
                }
            }
            let news = waiting.removeFirst()
            if news.endsRun {
                isFinished = true
                waiting = []
            }
            return news
        }

        /// Connects when there is no connection, and reads some bytes.
        @concurrent
        private mutating func read() async throws {
            if body == nil { try await connect() }
            do {
                guard let bytes = try await body?.next() else {
                    throw StudioClientError(.unreachable, "The event stream ended before the run did.")
                }
                for event in try parser.feed(bytes.readableBytesView) { try take(event) }
                if isGreeted || !waiting.isEmpty { failures = 0 }
                isGreeted = true
            } catch is ServerSentEventParser.Overflow {
                throw StudioClientError(.malformed, "An event of the stream is too long.")
            } catch {
                throw Transport.translated(error, url: transport.configuration.url)
            }
        }

        @concurrent
        private mutating func connect() async throws {
            var call = Call(.GET, "/v1/runs/\(run)/events")
            call.headers = [("accept", "text/event-stream")]
            if let lastEventID { call.headers.append(("last-event-id", lastEventID)) }
            // The limit is for the head only; the body may take for ever.
            let response = try await transport.send(call, limit: transport.configuration.answerLimit)
            let status = Int(response.status.code)
            guard status == 200 else {
                let body = try await response.body.collect(upTo: 1 << 20)
                throw Transport.refusal(status, response.headers, body)
            }
            parser = ServerSentEventParser()
            isGreeted = false
            body = response.body.makeAsyncIterator()
        }

        private mutating func take(_ event: ServerSentEventParser.Event) throws {
            if !event.id.isEmpty { lastEventID = event.id }
            let data = Data(event.data.utf8)
            do {
                switch event.name {
                case "resync": lastEventID = nil
                case "snapshot": waiting.append(.snapshot(try RecordJSON.decode(from: data)))
                default: waiting.append(.event(try RecordJSON.decode(from: data)))
                }
            } catch {
                throw StudioClientError(.malformed, "An event of the stream cannot be read: \(error)")
            }
        }
    }
}

extension StudioClient {
    /// What happens in a run, from a snapshot on, until it has ended.
    ///
    /// - Parameter after: the number of the last event that is known already; then there is no snapshot.
    package func news(of run: RunID, after: Int64? = nil) -> RunEvents {
        RunEvents(run: run, transport: transport, after: after)
    }
}
