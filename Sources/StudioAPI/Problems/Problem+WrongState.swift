import HTTPTypes
import StudioCore

extension Problem {
    /// A run that is in `state` cannot do what was asked; the detail says what can be asked instead.
    static func wrongState(_ action: RunAction, of state: TaskState) -> Problem {
        wrongState("run", state, action.verb, cure: action.cure(in: state))
    }

    /// A task that is in `state`, or whose run is, cannot do what was asked; the detail says what can be asked instead.
    static func wrongState(_ action: TaskAction, of state: TaskState) -> Problem {
        wrongState("task", state, action.rawValue, cure: action.cure(in: state))
    }

    private static func wrongState(_ noun: String, _ state: TaskState, _ verb: String, cure: String) -> Problem {
        Problem(
            .conflict, code: "wrong_state",
            detail: "This \(noun) is \(state.rawValue): in that state it cannot be made to \(verb). \(cure)")
    }
}

extension RunAction {
    /// The last part of the action's path.
    var verb: String {
        switch self {
        case .cancel: "cancel"
        case .pause: "pause"
        case .resume: "resume"
        case .retry: "retry"
        }
    }

    /// What to ask instead of a run in a state that forbids this.
    fileprivate func cure(in state: TaskState) -> String {
        switch self {
        case .cancel: "It has ended: there is nothing to cancel."
        case .pause, .resume:
            state == .canceling
                ? "Wait until it is canceled: a retry begins it anew then."
                : "It has ended: a retry begins it anew (with scope=all when everything in it succeeded)."
        case .retry(.failed):
            switch state {
            case .canceling: "Wait until it is canceled."
            case _ where state.isTerminal: "Everything in it succeeded: scope=all does all of it once more."
            default: "Nothing in it failed so far: ask again when something did, or has been canceled."
            }
        case .retry(.all):
            state == .canceling
                ? "Wait until it is canceled." : "Wait until it has ended or cancel it; scope=failed needs neither."
        }
    }
}

extension TaskAction {
    /// What to ask instead of a task in a state that forbids this.
    fileprivate func cure(in state: TaskState) -> String {
        switch self {
        case .cancel: "It has ended: there is nothing to cancel."
        case .pause:
            switch state {
            case .running: "Cancel it, or let it end: pausing its run keeps what comes after it from beginning."
            case .blocked: "It waits for another task anyway: pause that one, or the run."
            default: Self.otherCure(state)
            }
        case .resume:
            state.isTerminal || state == .canceling
                ? Self.otherCure(state) : "It is not paused: GET /v1/tasks/{id}/why says what it waits for."
        case .retry:
            switch state {
            case .failed, .canceled, .skipped:
                "Something that it needs did not succeed: retry that first, or the run, which does both."
            case .succeeded: "Only a whole run is done once more: retry the run with scope=all."
            case .paused: "Resume it."
            case .running: "Wait until it has ended, or cancel it first."
            default: Self.otherCure(state)
            }
        }
    }

    private static func otherCure(_ state: TaskState) -> String {
        switch state {
        case .canceling: "Wait until it, and its run where that is canceled, has stopped: a retry begins it anew then."
        case .blocked: "It begins by itself when what it needs is there: GET /v1/tasks/{id}/why says what that is."
        default: "It has ended: a retry of it or of its run begins it anew."
        }
    }
}
