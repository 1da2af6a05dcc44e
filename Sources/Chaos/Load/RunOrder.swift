import Foundation
import Simulation

/// A run that a client wants.
struct RunOrder: Sendable {
    let body: Data
    /// How many tasks it must have; nil where the planner decides.
    let tasks: Int?
    /// Whether the client will not want it in the end.
    let isDoomed: Bool

    private static let attemptsMax = 10

    /// Tasks that only sleep.
    static func load(_ dice: inout Dice, isDoomed: Bool) -> RunOrder {
        let tasks = Int.random(in: 2...9, using: &dice)
        let sleep = isDoomed ? 2_000 : Int(pow(10, dice.seconds(0.5...2.9)))
        let priority = dice.happens(0.3) ? "interactive" : "batch"
        return RunOrder(
            body: Data(
                """
                {"noop":{"tasks":\(tasks),"sleep_ms":\(sleep)},
                 "policy":{"attempts_max":\(attemptsMax),"priority":"\(priority)"},"labels":["\(Workload.label)"]}
                """.utf8), tasks: tasks, isDoomed: isDoomed)
    }

    /// One task that goes on for long enough for its worker to be killed.
    static var poison: RunOrder {
        let body = #"{"noop":{"tasks":1,"sleep_ms":20000},"policy":{"attempts_max":10},"labels":["poison"]}"#
        return RunOrder(body: Data(body.utf8), tasks: 1, isDoomed: false)
    }

    /// A film as small as films can be, in which tasks depend on each other and make files.
    static func film(_ dice: inout Dice) -> RunOrder {
        let seed = UInt32.random(in: .min ... .max, using: &dice)
        return RunOrder(
            body: Data(
                """
                {"film":{"title":"Chaos \(seed)","fps":24,"size":"64x64","seed":\(seed)},
                 "characters":{"ada":{"description":"a pilot","voice":"slt"}},
                 "shots":[
                  {"id":"s01","duration":"24f","video":{"prompt":"A lamp is lit","entities":["ada"]},
                   "dialogue":[{"by":"ada","at":"0s","line":"Now."}],"lipsync":true},
                  {"id":"s02","duration":"24f","video":{"prompt":"Fog over a harbour"},
                   "effects":[{"prompt":"one gull","at":"0.1s","duration":"0.5s"}]}],
                 "policy":{"attempts_max":\(attemptsMax)},"labels":["\(Workload.label)"]}
                """.utf8), tasks: nil, isDoomed: false)
    }
}
