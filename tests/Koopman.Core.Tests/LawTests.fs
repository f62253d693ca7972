namespace Koopman.Tests

open Xunit

/// One theory for all laws: a new law is a new line in its file's list.
type LawTests() =

    static let laws: Law list =
        [
            NpyLaws.all
            CsvLaws.all
            IdxLaws.all
            NeighboursLaws.all
            OperatorLaws.all
            TrajectoryLaws.all
            GeneratorLaws.all
            KernelLaws.all
            DmdLaws.all
            DerivativeLaws.all
            AssignmentLaws.all
            FrechetLaws.all
            SafetensorsLaws.all
        ]
        |> List.concat

    static member Names: TheoryData<string> =
        TheoryData<string>(laws |> Seq.map (fun law -> law.Name))

    [<Theory>]
    [<MemberData(nameof LawTests.Names)>]
    member _.``The law holds``(name: string) : unit =
        laws |> List.find (fun law -> law.Name = name) |> Law.check
