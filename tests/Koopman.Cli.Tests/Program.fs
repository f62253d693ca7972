module Koopman.Cli.Tests.Program

open Expecto
open Koopman.Tests

let private tests: Test =
    testList
        "Cli"
        [
            PngTests.tests
            PlotsTests.tests
            ReportTests.tests
            JournalTests.tests
            ParticleExperimentTests.tests
            FlowPlaneTests.tests
            FlowMnistTests.tests
            RegressionTests.tests
            MeasuredTests.tests
            FlowImagesTests.tests
            FlowRunTests.tests
            CommandTests.tests
            ForecastTests.tests
            EstimatorTests.tests
            CapabilityTests.tests
            ToolTests.tests
            ReadingTests.tests
            FormatTests.tests
            FlowCommandTests.tests
            ProcessTests.tests
        ]

[<EntryPoint>]
let main (arguments: string[]) : int = TestProgram.run tests arguments
