import HTTPTypes
import StudioCore

/// What the body of `PATCH /v1/workers/{id}` asks for.
struct WorkerChange {
    let desiredState: DesiredWorkerState

    /// Reads the body.
    ///
    /// - Throws: ``Problem`` with every fault and its place.
    init(_ body: JSONValue) throws {
        guard case .object(let members) = body else {
            throw Self.refusal([Self.fault("", "wrong_type", "is no object: send {\"desired_state\": \"paused\"}")])
        }
        var faults = members.filter { $0.0 != "desired_state" }.map { name, _ in
            Self.fault(
                JSONPointer.root.appending(name).text, "unknown_field",
                "is not known: only desired_state can be changed")
        }
        let known = DesiredWorkerState.allCases.map(\.rawValue).joined(separator: ", ")
        var state: DesiredWorkerState?
        switch body["desired_state"] {
        case nil: faults.append(Self.fault("/desired_state", "required", "is missing: add one of: \(known)"))
        case .string(let text)?:
            state = DesiredWorkerState(rawValue: text)
            if state == nil { faults.append(Self.fault("/desired_state", "unknown_value", "must be one of: \(known)")) }
        case .some: faults.append(Self.fault("/desired_state", "wrong_type", "must be a text, one of: \(known)"))
        }
        guard let state, faults.isEmpty else { throw Self.refusal(faults) }
        desiredState = state
    }

    private static func fault(_ pointer: String, _ code: String, _ detail: String) -> ProblemRecord.Fault {
        ProblemRecord.Fault(pointer: pointer, code: code, detail: detail)
    }

    /// As many faults as a run spec is told at most.
    private static func refusal(_ faults: [ProblemRecord.Fault]) -> Problem {
        Problem(
            .unprocessableContent, code: "invalid_worker_change", detail: "The change of the worker cannot be made.",
            errors: Array(faults.prefix(SpecLimits.faultsMax)))
    }
}
