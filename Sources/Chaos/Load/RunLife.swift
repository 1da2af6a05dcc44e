import Foundation
import Simulation
import StudioClient
import StudioCore

/// One run as its client lives through it: submitted, perhaps more than once, perhaps paused or canceled.
struct RunLife: Sendable {
    /// How long a client insists on an answer.
    private static let patience = 8

    let client: StudioClient
    let history: History
    let order: RunOrder
    let key: String

    func run(_ dice: Dice) async {
        var dice = dice
        guard let run = await submit(copies: dice.happens(0.1) ? 3 : 1) else { return }
        if dice.happens(0.03) { await submitOther() }
        if order.isDoomed || dice.happens(0.06) {
            try? await Task.sleep(for: .seconds(dice.seconds(0...1.5)))
            await Self.ask(.cancel, of: run, history) { try await client.control(.cancel, run: $0) }
        } else if dice.happens(0.05) {
            await Self.ask(.pause, of: run, history) { try await client.control(.pause, run: $0) }
            try? await Task.sleep(for: .seconds(dice.seconds(0.5...4)))
            await Self.ask(.resume, of: run, history) { try await client.control(.resume, run: $0) }
        }
    }

    /// Submits the run, several times at once if need be, until every copy has an answer.
    func submit(copies: Int) async -> RunID? {
        await withTaskGroup(of: RunID?.self) { group in
            for _ in 0..<copies { group.addTask { await create() } }
            var run: RunID?
            for await answer in group { run = run ?? answer }
            return run
        }
    }

    private func create() async -> RunID? {
        for _ in 0..<Self.patience where !Task.isCancelled {
            let call = history.ask(.create, key: key, tasks: order.tasks)
            do {
                let run = try await client.createRun(order.body, idempotencyKey: key).run
                history.answer(call, .done, run: run.id, state: run.state)
                return run.id
            } catch let error as StudioClientError where error.isTransient {
                history.answer(call, .unknown, detail: error.code.rawValue)
            } catch {
                history.answer(call, .refused, detail: "\(error)")
                return nil
            }
        }
        return nil
    }

    /// Asks for another run with the same key, which must be refused.
    private func submitOther() async {
        let call = history.ask(.createOther, key: key)
        do {
            let body = Data(#"{"noop":{"tasks":1,"sleep_ms":1}}"#.utf8)
            let run = try await client.createRun(body, idempotencyKey: key).run
            history.answer(call, .done, run: run.id)
        } catch let error as StudioClientError where error.isTransient {
            history.answer(call, .unknown, detail: error.code.rawValue)
        } catch {
            history.answer(call, .refused)
        }
    }

    /// Asks something of a run until there is an answer.
    static func ask(
        _ operation: HistoryEntry.Operation, of run: RunID, _ history: History,
        _ control: (RunID) async throws -> RunRecord
    ) async {
        for _ in 0..<patience where !Task.isCancelled {
            let call = history.ask(operation, run: run)
            do {
                let record = try await control(run)
                return history.answer(call, .done, state: record.state)
            } catch let error as StudioClientError where error.isTransient {
                history.answer(call, .unknown, detail: error.code.rawValue)
            } catch {
                return history.answer(call, .refused, detail: "\(error)")
            }
        }
    }
}
