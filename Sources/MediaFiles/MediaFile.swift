package import SystemPackage

/// A file whose parts are read by offset.
package struct MediaFile {
    /// Why a file is not what it should be, for people.
    package struct Unreadable: Error {
        package let detail: String

        package init(detail: String) {
            self.detail = detail
        }
    }

    let descriptor: FileDescriptor
    /// In bytes.
    package let size: Int

    /// Opens `path` for the time of `body`.
    package static func reading<Value>(_ path: FilePath, _ body: (MediaFile) throws -> Value) throws -> Value {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        } catch {
            throw Unreadable(detail: "cannot be opened: \(error)")
        }
        return try descriptor.closeAfter {
            let size = Int(try descriptor.seek(offset: 0, from: .end))
            return try body(MediaFile(descriptor: descriptor, size: size))
        }
    }

    /// Exactly `count` bytes from `offset`.
    package func bytes(at offset: Int, count: Int) throws -> [UInt8] {
        guard offset >= 0, count >= 0, count <= size - offset else {
            throw Unreadable(detail: "the file ends before byte \(offset + count)")
        }
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let got = try descriptor.read(fromAbsoluteOffset: Int64(offset + filled), into: rest)
                guard got > 0 else { throw Unreadable(detail: "the file ends before byte \(offset + count)") }
                filled += got
            }
        }
    }
}
