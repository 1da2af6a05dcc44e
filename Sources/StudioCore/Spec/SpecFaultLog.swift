/// Collects what is wrong with one document while it is read; used by one reader only.
final class SpecFaultLog {
    private(set) var faults: [SpecFault] = []
    private(set) var omitted = 0

    /// Notes a fault; past the limit it is counted and its detail is never made.
    func add(_ pointer: JSONPointer, _ code: SpecFault.Code, _ detail: () -> String) {
        if faults.count < SpecLimits.faultsMax {
            faults.append(SpecFault(pointer, code, detail()))
        } else {
            omitted += 1
        }
    }

    /// Ends the reading: throws what was collected, if anything was.
    func check() throws(SpecFaults) {
        if !faults.isEmpty { throw SpecFaults(faults: faults, omitted: omitted) }
    }
}
