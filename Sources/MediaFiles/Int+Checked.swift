/// Arithmetic on numbers that a file gives, which may be any.
extension Int {
    /// The sum.
    ///
    /// - Throws: `MediaFile.Unreadable` when it is none that a file can mean.
    func plus(_ other: Int) throws -> Int {
        let (sum, isLost) = addingReportingOverflow(other)
        guard !isLost else { throw MediaFile.Unreadable(detail: "the index is damaged") }
        return sum
    }

    /// The product.
    ///
    /// - Throws: `MediaFile.Unreadable` when it is none that a file can mean.
    func times(_ other: Int) throws -> Int {
        let (product, isLost) = multipliedReportingOverflow(by: other)
        guard !isLost else { throw MediaFile.Unreadable(detail: "the index is damaged") }
        return product
    }
}
