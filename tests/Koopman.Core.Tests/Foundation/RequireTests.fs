namespace Koopman.Tests

open System
open Expecto
open Koopman

/// What each rule takes at its boundary, what it refuses, and that it says which setting has which value.
module RequireTests =

    let private accepted (what: string) (outcome: Outcome<unit>) : unit = Expect.equal outcome (Ok()) what

    let private refused (cause: string) (remedy: string) (outcome: Outcome<unit>) : unit =
        match outcome with
        | Ok() -> failtest $"Expected: {cause}"
        | Error error ->
            Expect.equal error.Kind ErrorKind.InvalidSetting "the kind"
            Expect.equal error.Cause cause "the cause"
            Expect.equal error.Remedy remedy "the remedy"

    /// Rules of numbers, with what they take and what they refuse.
    let private floats: (string * (string -> float -> Outcome<unit>) * float list * float list) list =
        [
            "between", Require.between 0.0 1.0, [ 0.0; 1.0 ], [ -1e-9; 1.0 + 1e-9 ]
            "inside", Require.inside 0.0 1.0, [ 1e-300; 1.0 - 1e-9 ], [ 0.0; 1.0 ]
            "share", Require.share, [ 0.0; 1.0 - 1e-9 ], [ -1e-9; 1.0 ]
            "positive", Require.positive, [ Double.Epsilon; Double.MaxValue ], [ 0.0; -1.0 ]
            "notNegative", Require.notNegative, [ 0.0; Double.MaxValue ], [ -Double.Epsilon ]
            "finite", Require.finite, [ Double.MinValue; Double.MaxValue ], []
        ]

    let tests: Test =
        testList
            "Require"
            [
                for name, rule, good, bad in floats do
                    testCase $"{name} at its boundaries, NaN and infinity" (fun () ->
                        for x in good do
                            accepted $"{x}" (rule "Width" x)

                        for x in bad @ [ nan; infinity; -infinity ] do
                            rule "Width" x
                            |> Expect.error ErrorKind.InvalidSetting [ $"Width is {x}, but must be "; "Set Width to " ])

                testCase "Rules of numbers name culprit, value and rule" (fun () ->
                    Require.between 0.0 0.5 "HeldOut" 0.6
                    |> refused "HeldOut is 0.6, but must be from 0 to 0.5" "Set HeldOut to a number from 0 to 0.5"

                    Require.inside 0.0 2.0 "Step" 2.0
                    |> refused
                        "Step is 2, but must be strictly between 0 and 2"
                        "Set Step to a number strictly between 0 and 2"

                    Require.share "RankTolerance" 1.0
                    |> refused
                        "RankTolerance is 1, but must be at least 0 and below 1"
                        "Set RankTolerance to a number from 0 to below 1"

                    Require.positive "the lag" nan
                    |> refused "The lag is NaN, but must be positive and finite" "Set the lag to a positive number"

                    Require.notNegative "Noise" -0.5
                    |> refused "Noise is -0.5, but must be finite and not negative" "Set Noise to 0 or more"

                    Require.finite "Offset" -infinity
                    |> refused "Offset is -Infinity, but must be finite" "Set Offset to a finite number")

                testCase "A limit may be infinite, but not 0 or NaN" (fun () ->
                    accepted "infinity" (Require.limit "MemoryLimit" infinity)
                    accepted "the least number" (Require.limit "MemoryLimit" Double.Epsilon)

                    for x in [ 0.0; -1.0; nan; -infinity ] do
                        Require.limit "MemoryLimit" x
                        |> refused
                            $"MemoryLimit is {x}, but must be positive"
                            "Set MemoryLimit to a positive number, or to infinity for no limit")

                testCase "Counts" (fun () ->
                    accepted "1" (Require.atLeast 1 "Modes" 1)

                    Require.atLeast 1 "Modes" 0
                    |> refused "Modes is 0, but must be at least 1" "Set Modes to 1 or more"

                    accepted "1 of 1 to 3" (Require.between 1 3 "the rank" 1)
                    accepted "3 of 1 to 3" (Require.between 1 3 "the rank" 3)

                    for rank in [ 0; 4 ] do
                        Require.between 1 3 "the rank" rank
                        |> refused
                            $"The rank is {rank}, but must be from 1 to 3"
                            "Set the rank to a number from 1 to 3")

                testCase "Choices and rules of the caller's" (fun () ->
                    accepted "2 of 1 and 2" (Require.oneOf [ 1; 2 ] "Order" 2)

                    Require.oneOf [ 1; 2 ] "Order" 3
                    |> refused "Order is 3, but must be 1 or 2" "Set Order to 1 or 2"

                    accepted "what holds" (Require.that true "0 or at least 2" "Bags" 0)

                    Require.that false "0 or at least 2" "Bags" 1
                    |> refused "Bags is 1, but must be 0 or at least 2" "Set Bags to 0 or at least 2")

                testCase "An interval has finite ends, the lower one first" (fun () ->
                    accepted "0 to 1" (Require.interval "Real" (0.0, 1.0))

                    for low, high in [ 1.0, 1.0; 1.0, 0.0; nan, 1.0; 0.0, nan; -infinity, 1.0; 0.0, infinity ] do
                        Require.interval "Real" (low, high)
                        |> refused
                            $"Real runs from {low} to {high}, but must run from a finite lower end to a finite upper end"
                            "Give Real two different ends, the lower one first")

                testCase "Lists: the entry at fault has its index" (fun () ->
                    let widths = Require.each (Require.atLeast 1) "Widths"
                    accepted "good entries" (widths [ 1; 2 ])
                    accepted "no entries" (widths [])

                    widths [ 8; 0; -1 ]
                    |> refused "Widths[1] is 0, but must be at least 1" "Set Widths[1] to 1 or more"

                    [ [ 1.0 ]; [ 2.0; -3.0 ] ]
                    |> Require.each (Require.each Require.notNegative) "counts"
                    |> refused
                        "Counts[1][1] is -3, but must be finite and not negative"
                        "Set counts[1][1] to 0 or more"

                    accepted "one entry" (Require.notEmpty "Widths" [ 1 ])

                    Require.notEmpty "Widths" ([]: int list)
                    |> refused "Widths is empty" "Give at least one value")

                testCase "What is left out breaks no rule" (fun () ->
                    accepted "none" (Require.optional Require.positive "Width" None)
                    accepted "a good one" (Require.optional Require.positive "Width" (Some 1.0))

                    Require.optional Require.positive "Width" (Some 0.0)
                    |> refused "Width is 0, but must be positive and finite" "Set Width to a positive number")

                testCase "Indices are counted from 0" (fun () ->
                    accepted "0 to 2 of 3" (Require.indices "mode" 3 [ 0L; 2L ])
                    accepted "none" (Require.indices "mode" 0 [])

                    for wrong in [ -1L; 3L ] do
                        Require.indices "mode" 3 [ 0L; wrong ]
                        |> refused $"There is no mode {wrong} among 3" "Give indices from 0 to 2"

                    // Beyond the range of int, and no wrapped 0.
                    Require.indices "class" 2 [ 4294967296L ]
                    |> refused "There is no class 4294967296 among 2" "Give indices from 0 to 1")

                testCase "Shapes that must agree" (fun () ->
                    accepted "3 for 3" (Require.sameCount ("weights", 3) ("samples", 3))

                    Require.sameCount ("weights", 3) ("samples", 5)
                    |> Expect.error
                        ErrorKind.ShapeMismatch
                        [ "There are 3 weights for 5 samples. Give as many weights as samples." ]

                    accepted "2 and 2" (Require.dimension 2 "the data" 2)

                    Require.dimension 2 "the data" 3
                    |> Expect.error
                        ErrorKind.ShapeMismatch
                        [
                            "The dimension of the data is 3, but must be 2. Give points of 2 coordinates."
                        ]

                    accepted "no rows" (Require.columns 2 "the states" [| 0L; 2L |])

                    for shape, shown in [ [| 4L; 3L |], "(4, 3)"; [| 2L |], "(2)"; [| 1L; 4L; 2L |], "(1, 4, 2)" ] do
                        Require.columns 2 "the states" shape
                        |> Expect.error
                            ErrorKind.ShapeMismatch
                            [
                                $"The shape of the states is {shown}, but must be (n, 2). Give one row per point."
                            ])

                testCase "Advice takes the place of the remedy, and of nothing else" (fun () ->
                    accepted "a good one" (Require.positive "the lag" 1.0 |> Require.advise "Give a time")

                    Require.positive "the lag" 0.0
                    |> Require.advise "Give a time"
                    |> refused "The lag is 0, but must be positive and finite" "Give a time")

                testCase "The first broken rule counts, and later ones are not tried" (fun () ->
                    accepted "no rule" (Require.all { () })

                    let mutable tried = false

                    Require.all {
                        Require.atLeast 1 "Modes" 1

                        if false then
                            Require.atLeast 1 "Batch" 0

                        Require.atLeast 1 "Epochs" 0
                        tried <- true
                        Require.atLeast 1 "Patience" 0
                    }
                    |> refused "Epochs is 0, but must be at least 1" "Set Epochs to 1 or more"

                    Expect.isFalse tried "whether the rule after the broken one was tried")

                testCase "Settings name the record of good values" (fun () ->
                    accepted "a good one" (Require.settings "Edmd.defaults" { Require.atLeast 1 "Modes" 10 })

                    Require.settings "Edmd.defaults" {
                        Require.share "RankTolerance" 0.0
                        Require.atLeast 1 "Modes" 0
                    }
                    |> refused
                        "Modes is 0, but must be at least 1"
                        "Set Modes to 1 or more, or start from Edmd.defaults")
            ]
