package import FoundationEssentials

/// Why a task is where it is, and what would move it.
package struct WhyRecord: Codable, Sendable, Hashable {
    /// One thing that a task waits for.
    package struct Cause: Codable, Sendable, Hashable {
        /// From an open set; ``detail`` says it in a sentence.
        package struct Code: RawRepresentable, Codable, Sendable, Hashable {
            package let rawValue: String

            package init(rawValue: String) {
                self.rawValue = rawValue
            }

            /// Another task's output is not there yet.
            package static let dependency = Code(rawValue: "dependency")
            /// Its run, or the task itself, is paused.
            package static let paused = Code(rawValue: "paused")
            /// A failed attempt is repeated only after a delay.
            package static let backoff = Code(rawValue: "backoff")
            /// No worker that is there serves its lane.
            package static let noWorker = Code(rawValue: "no_worker")
            /// Workers that serve its lane are there, but none that can do what it requires.
            package static let noCapableWorker = Code(rawValue: "no_capable_worker")
            /// Its tenant has repeated as much of its kind as it may for now.
            package static let retryBudget = Code(rawValue: "retry_budget")
            /// Every worker that serves its lane is busy.
            package static let noSlot = Code(rawValue: "no_free_slot")
            /// It ran out of memory, and a worker with a larger GPU is there, which cannot take it now.
            package static let largerWorker = Code(rawValue: "larger_worker")
            /// Others of its tenant and lane are before it.
            package static let window = Code(rawValue: "window")
            /// It is offered to the workers, and one of them is to claim it.
            package static let offered = Code(rawValue: "offered")
            /// A worker works on it, under a lease that ends then unless it is renewed.
            package static let running = Code(rawValue: "running")
            /// Its worker has been told to stop and has not answered yet.
            package static let canceling = Code(rawValue: "canceling")
            /// It has ended.
            package static let ended = Code(rawValue: "ended")
        }

        package let code: Code
        package let detail: String
        /// When it passes by itself, if that is known.
        package let until: Date?
        /// The task waited for.
        package let task: TaskID?

        package init(_ code: Code, _ detail: String, until: Date? = nil, task: TaskID? = nil) {
            self.code = code
            self.detail = detail
            self.until = until
            self.task = task
        }
    }

    /// What stands between the task and one worker.
    package struct Candidate: Codable, Sendable, Hashable {
        package let id: WorkerID
        package let name: String
        /// Whether it could take the task now.
        package let isAble: Bool
        package let detail: String

        package init(id: WorkerID, name: String, isAble: Bool, detail: String) {
            self.id = id
            self.name = name
            self.isAble = isAble
            self.detail = detail
        }

        private enum CodingKeys: String, CodingKey {
            case id, name, detail
            case isAble = "is_able"
        }
    }

    package let task: TaskID
    package let state: TaskState
    package let causes: [Cause]
    /// The workers heard of lately, those that could take it first.
    package let workers: [Candidate]

    package init(task: TaskID, state: TaskState, causes: [Cause], workers: [Candidate]) {
        self.task = task
        self.state = state
        self.causes = causes
        self.workers = workers
    }
}
