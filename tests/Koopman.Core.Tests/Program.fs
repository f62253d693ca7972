module Koopman.Tests.Program

open System
open Expecto

let private tests: Test =
    testList
        "Core"
        [
            testList
                "Data"
                [
                    FilesTests.tests
                    NpyLaws.tests
                    NpyTests.tests
                    CsvLaws.tests
                    CsvTests.tests
                    IdxLaws.tests
                    IdxTests.tests
                    NeighboursLaws.tests
                    NeighboursTests.tests
                    SamplesTests.tests
                    SystemsTests.tests
                    TrajectoriesTests.tests
                    TrajectoryFilesTests.tests
                    TrajectoryLaws.tests
                    SobolTests.tests
                    PlanarSetTests.tests
                ]
            testList
                "Storage"
                [
                    SafetensorsLaws.tests
                    SafetensorsTests.tests
                    CheckpointTests.tests
                    ModelFileTests.tests
                ]
            testList
                "Operators"
                [
                    DerivativeLaws.tests
                    ObservablesTests.tests
                    LinearAlgebraTests.tests
                    KernelTests.tests
                    PivotedCholeskyTests.tests
                    PolynomialTests.tests
                    WaveTests.tests
                    IndicatorTests.tests
                    FunctionTests.tests
                    CombinatorTests.tests
                    MatrixFunctionTests.tests
                    PropagatorTests.tests
                    LinearModelTests.tests
                    OperatorLaws.tests
                    LawsNoticeTests.tests
                ]
            testList
                "Estimation"
                [
                    LangevinTests.tests
                    EdmdTests.tests
                    StreamingTests.tests
                    TrustTests.tests
                    ErrorBarTests.tests
                    GeneratorTests.tests
                    GeneratorFormsTests.tests
                    DiffusionFormTests.tests
                    IdentificationTests.tests
                    MotionModelTests.tests
                    GeneratorLaws.tests
                    BadDataTests.tests
                    DmdTests.tests
                    ControlTests.tests
                    DmdLaws.tests
                    LearnedDictionaryTests.tests
                    SelectionTests.tests
                    KernelEdmdTests.tests
                    KernelGeneratorTests.tests
                    KernelLaws.tests
                    DiffusionMapTests.tests
                    VampTests.tests
                    ReweightingTests.tests
                    MarkovTests.tests
                    TimescaleTests.tests
                    LinearityTests.tests
                    PseudospectrumTests.tests
                    OptimizedDmdTests.tests
                ]
            testList
                "Particles"
                [
                    ManifoldTests.tests
                    FlowFieldTests.tests
                    SpectralFlowTests.tests
                    BaselineTests.tests
                    ConditioningTests.tests
                    DissipationTests.tests
                    SwarmTests.tests
                ]
            testList
                "Metrics"
                [
                    MetricsTests.tests
                    AssignmentLaws.tests
                    TransportTests.tests
                    FrechetLaws.tests
                    FrechetTests.tests
                ]
            testList
                "Flows"
                [
                    DualTests.tests
                    OdeTests.tests
                    FlowMatchingTests.tests
                    LiftTests.tests
                    StudentTests.tests
                    FlowModesTests.tests
                    FlowErrorsTests.tests
                    FlowFilesTests.tests
                    UNetTests.tests
                ]
            testList
                "Latents"
                [
                    LatentMapTests.tests
                    ComplementTests.tests
                    AutoencoderTests.tests
                    LatentFileTests.tests
                    ClassifierTests.tests
                ]
        ]

/// `--filter NAME` keeps the tests whose full name has NAME in it, in capitals or not; the other arguments are Expecto's.
let rec private select (tests: Test) (arguments: string list) : Test * string list =
    match arguments with
    | "--filter" :: name :: rest ->
        let named (path: string list) : bool =
            (String.Join('.', path)).Contains(name, StringComparison.OrdinalIgnoreCase)

        select (Test.filter "." named tests) rest
    | argument :: rest ->
        let kept, others = select tests rest
        kept, argument :: others
    | [] -> tests, []

[<EntryPoint>]
let main (arguments: string[]) : int =
    let kept, others = select tests (List.ofArray arguments)
    runTestsWithCLIArgs [] (Array.ofList others) kept
