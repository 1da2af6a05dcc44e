import Foundation
import StudioCore
import SystemPackage

/// What a program says it has made: the content of `outputs.json` in the attempt's directory.
struct CommandManifest: Decodable {
    struct Output: Decodable {
        let name: String
        /// Below the attempt's directory.
        let path: String
        var frames: Int?
        var samples: Int?
        var width: Int?
        var height: Int?
    }

    static let fileName = "outputs.json"
    static let bytesMax = 64 * 1_024
    /// As many as the hub grants uploads for.
    static let outputsMax = 16

    let outputs: [Output]

    /// Reads the manifest and finds its files.
    ///
    /// Blocks.
    /// - Throws: `TaskFailure` with code `manifest_missing` or `manifest_invalid`.
    static func files(in directory: FilePath, for spec: TaskSpec) throws -> [ProducedFile] {
        let path = directory.appending(fileName)
        guard let bytes = try content(of: path) else {
            guard !spec.outputs.isEmpty else { return [] }
            throw TaskFailure(
                .temporary, code: "manifest_missing",
                detail: "the program succeeded, but wrote no \(fileName) in its directory")
        }
        guard bytes.count <= bytesMax else { throw invalid("has more than \(bytesMax) bytes") }
        let manifest: CommandManifest
        do {
            manifest = try JSONDecoder().decode(CommandManifest.self, from: bytes)
        } catch {
            throw invalid("is not {\"outputs\": [{\"name\": …, \"path\": …}]}: \(error)")
        }
        guard manifest.outputs.count <= outputsMax, Set(manifest.outputs.map(\.name)).count == manifest.outputs.count
        else { throw invalid("must name at most \(outputsMax) outputs, each once") }
        return try manifest.outputs.map { try $0.file(in: directory, for: spec) }
    }

    /// nil when there is no file.
    private static func content(of path: FilePath) throws -> Data? {
        let descriptor: FileDescriptor
        do {
            // Neither led elsewhere by a link nor held up by a pipe.
            descriptor = try FileDescriptor.open(
                path, .readOnly, options: [.closeOnExec, .nonBlocking, .noFollow])
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw invalid("cannot be read: \(error)")
        }
        return try descriptor.closeAfter {
            let type = try? FileManager.default.attributesOfItem(atPath: path.string)[.type] as? FileAttributeType
            guard type == .typeRegular else { throw invalid("is no regular file") }
            return try FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: false)
                .read(upToCount: bytesMax + 1) ?? Data()
        }
    }

    static func invalid(_ problem: String) -> TaskFailure {
        TaskFailure(.temporary, code: "manifest_invalid", detail: "the program's \(fileName) \(problem)")
    }
}

extension CommandManifest.Output {
    fileprivate func file(in directory: FilePath, for spec: TaskSpec) throws -> ProducedFile {
        guard let declared = spec.outputs.first(where: { $0.name == name }) else {
            throw CommandManifest.invalid("names \"\(name)\", which the task does not ask for")
        }
        guard [frames, samples, width, height].allSatisfy({ ($0 ?? 0) >= 0 && ($0 ?? 0) <= Int(Int32.max) }) else {
            throw CommandManifest.invalid("gives \"\(name)\" a negative or an impossible size")
        }
        // A link may lead out, so it is the end of all links that must lie inside.
        let root = URL(filePath: directory.string).resolvingSymlinksInPath().path
        let found = URL(filePath: directory.appending(path).string).resolvingSymlinksInPath().path
        let type = try? FileManager.default.attributesOfItem(atPath: found)[.type] as? FileAttributeType
        guard FilePath(path).isRelative, found.hasPrefix(root + "/"), type == .typeRegular else {
            throw CommandManifest.invalid("names \"\(path)\", which is no file below the attempt's directory")
        }
        return ProducedFile(
            name: name, path: FilePath(found), contentType: declared.contentType,
            media: MediaFacts(frames: frames, samples: samples, width: width, height: height))
    }
}
