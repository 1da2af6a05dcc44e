import FoundationEssentials
import MediaFiles
import StudioCore
import SystemPackage

/// Looks into what an executor made before it is uploaded: success that came suspiciously fast is often none.
///
/// Reads indexes and ends of media files, and decodes nothing: it costs about a millisecond. Every method blocks.
enum OutputProbe {
    /// Prompts for the most shots that a film may have, at 6 KiB each: more is no answer of a language model.
    static let promptsBytesMax = 64 << 20

    /// The file with the facts that were found in it, which go before those that its maker told.
    ///
    /// - Throws: `TaskFailure`, temporary: `output_empty`, `output_too_short`, or `output_unreadable` for a file that
    ///   is not what its content type or its task says, or is cut off. `Errno` when the disk is at fault.
    static func measure(_ file: ProducedFile, _ floor: OutputFloor) throws -> ProducedFile {
        let size = try size(of: file.path)
        if let failure = floor.failure(of: file.name, bytes: size, media: MediaFacts()) { throw failure }
        let media: MediaFacts
        do {
            media = try facts(of: file, floor)
            if floor.shots != nil, let failure = floor.failure(of: file.name, prompts: try prompts(in: file)) {
                throw failure
            }
        } catch let error as MediaFile.Unreadable {
            throw TaskFailure(.temporary, code: "output_unreadable", detail: "\(file.name): \(error.detail)")
        }
        if let failure = floor.failure(of: file.name, bytes: size, media: media) { throw failure }
        return ProducedFile(name: file.name, path: file.path, contentType: file.contentType, media: media)
    }

    private static func facts(of file: ProducedFile, _ floor: OutputFloor) throws -> MediaFacts {
        var media = file.media
        switch file.contentType {
        case "video/mp4":
            let picture = try MovieFile(reading: file.path).wholePicture()
            media.frames = picture.sampleCount
            media.width = picture.width
            media.height = picture.height
        case "audio/wav", "audio/flac":
            let sound = try SoundFacts(reading: file.path)
            media.samples = sound.length(at: floor.sampleRate ?? sound.sampleRate)
        default: break
        }
        return media
    }

    /// The prompts by shot, as those who make the shots read them.
    private static func prompts(in file: ProducedFile) throws -> [String: String] {
        let content = try MediaFile.reading(file.path) { content in
            guard content.size <= promptsBytesMax else {
                throw MediaFile.Unreadable(detail: "\(content.size) bytes are more than \(promptsBytesMax)")
            }
            return Data(try content.bytes(at: 0, count: content.size))
        }
        do {
            return try JSONDecoder().decode([String: String].self, from: content)
        } catch {
            throw MediaFile.Unreadable(detail: "not a JSON object with a text for each shot")
        }
    }

    /// Bytes in a file.
    static func size(of path: FilePath) throws -> Int64 {
        let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        return try descriptor.closeAfter { try descriptor.seek(offset: 0, from: .end) }
    }
}
