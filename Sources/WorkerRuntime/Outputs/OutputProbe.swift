import MediaFiles
import StudioCore
import SystemPackage

/// Looks into what an executor made before it is uploaded: success that came suspiciously fast is often none.
///
/// Reads the file's index only, and decodes nothing: it costs less than a millisecond. Every method blocks.
enum OutputProbe {
    /// The file with the facts that were found in it, which go before those that its maker told.
    ///
    /// - Throws: `TaskFailure`, temporary: `output_empty`, `output_too_short`, or `output_unreadable` for a file that
    ///   is not what its content type says, or is cut off. `Errno` when the disk is at fault.
    static func measure(_ file: ProducedFile, _ floor: OutputFloor) throws -> ProducedFile {
        let size = try size(of: file.path)
        if let failure = floor.failure(of: file.name, bytes: size, media: MediaFacts()) { throw failure }
        let media: MediaFacts
        do {
            media = try facts(of: file)
        } catch let error as MediaFile.Unreadable {
            throw TaskFailure(.temporary, code: "output_unreadable", detail: "\(file.name): \(error.detail)")
        }
        if let failure = floor.failure(of: file.name, bytes: size, media: media) { throw failure }
        return ProducedFile(name: file.name, path: file.path, contentType: file.contentType, media: media)
    }

    private static func facts(of file: ProducedFile) throws -> MediaFacts {
        var media = file.media
        switch file.contentType {
        case "video/mp4":
            let facts = try PictureFacts(reading: file.path)
            media.frames = facts.frames
            media.width = facts.width
            media.height = facts.height
        case "audio/wav", "audio/flac":
            media.samples = try SoundFacts(reading: file.path).samples ?? media.samples
        default: break
        }
        return media
    }

    /// Bytes in a file.
    static func size(of path: FilePath) throws -> Int64 {
        let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        return try descriptor.closeAfter { try descriptor.seek(offset: 0, from: .end) }
    }
}
