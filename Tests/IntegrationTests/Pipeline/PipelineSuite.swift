import Testing

/// Tests of the whole: each starts our real programs, so they take turns.
@Suite(.serialized, .timeLimit(.minutes(4))) enum PipelineSuite {}
