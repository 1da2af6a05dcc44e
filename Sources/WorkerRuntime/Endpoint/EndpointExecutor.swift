import StudioCore

/// Has an executor work, says what its failures are, and tells the circuit what they say of its endpoint.
struct EndpointExecutor: TaskExecutor {
    let executor: any TaskExecutor
    let signatures: FailureSignatures
    let circuit: EndpointCircuit

    func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        do {
            let files = try await executor.execute(assignment, report: report)
            circuit.worked()
            return files
        } catch let symptom as FailureSymptom {
            let diagnosis = signatures.diagnose(symptom)
            if diagnosis.isEndpointDown {
                circuit.failed(diagnosis.failure)
            } else if symptom.condition == nil {
                // It has answered, if only to refuse.
                circuit.worked()
            }
            throw diagnosis.failure
        }
        // Anything else need not have come from the endpoint: a full disk, a cancellation.
    }

    func progress(on spec: TaskSpec) -> ProgressPromise { executor.progress(on: spec) }
}
