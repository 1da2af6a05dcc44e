/// How a large file is cut into the parts of a multipart upload.
package struct PartPlan: Sendable, Equatable {
    /// The least that S3 takes for every part but the last, in bytes.
    package static let minimumPartSize: Int64 = 5 << 20
    /// What a part has unless the file is too large for it, in bytes.
    package static let usualPartSize: Int64 = 8 << 20
    /// The most parts that S3 takes.
    package static let maximumParts: Int64 = 10_000
    /// Files below this many bytes go in one request.
    package static let threshold: Int64 = 16 << 20
    /// Parts on their way at the same time.
    package static let concurrency = 4

    /// Bytes of every part but the last, a whole number of MiB.
    package let partSize: Int64
    /// The parts in order; part numbers begin at 1.
    ///
    /// An empty file is one empty part.
    package let ranges: [Range<Int64>]

    /// - Parameter size: of the file in bytes, 0 or more.
    package init(size: Int64, usualPartSize: Int64 = Self.usualPartSize) {
        precondition(size >= 0 && usualPartSize >= Self.minimumPartSize, "sizes are in bytes, parts of 5 MiB or more")
        let mebibyte: Int64 = 1 << 20
        let least = (size + Self.maximumParts - 1) / Self.maximumParts
        let partSize = max(usualPartSize, (least + mebibyte - 1) / mebibyte * mebibyte)
        self.partSize = partSize
        ranges =
            size == 0
            ? [0..<0]
            : stride(from: 0, to: size, by: Int(partSize)).map { start in
                start..<min(start + partSize, size)
            }
    }
}
