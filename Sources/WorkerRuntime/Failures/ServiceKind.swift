/// What an executor calls upon: a failure means different things when different services say it.
package enum ServiceKind: String, Sendable, CaseIterable {
    case comfyui, speech, chat, gpu
    /// A program that the operator names.
    case command
    case mock
}
