namespace Koopman.Cli.Tests

open System
open System.Globalization
open System.IO
open System.Text.Json
open Expecto
open Koopman
open Koopman.Tests

/// The estimators that the tool offers beside EDMD, on files whose right answers are known.
module EstimatorTests =

    let private items (name: string) (element: JsonElement) : JsonElement list =
        element.GetProperty(name).EnumerateArray() |> List.ofSeq

    let private numbers (name: string) (element: JsonElement) : float list =
        items name element |> List.map _.GetDouble()

    let private texts (name: string) (element: JsonElement) : string list =
        items name element |> List.map (_.GetString() >> string)

    let private number (name: string) (element: JsonElement) : float = element.GetProperty(name).GetDouble()

    /// The labels 7, 20 and 33 of a chain with eigenvalues 1, .88 and .82.
    let private transitions: float[][] =
        [| [| 0.90; 0.08; 0.02 |]; [| 0.05; 0.90; 0.05 |]; [| 0.02; 0.08; 0.90 |] |]

    let private chain (folder: TemporaryFolder) : string =
        let draw = Random 1
        let mutable state = 0

        Tool.csv
            folder
            "chain.csv"
            "state"
            [
                for _ in 1..20_000 do
                    [| 7.0 + 13.0 * float state |]
                    let row = transitions[state]
                    let u = draw.NextDouble()

                    state <-
                        if u < row[0] then 0
                        elif u < row[0] + row[1] then 1
                        else 2
            ]

    /// x' = A x + B u with λ = .85 ± .1323i, B = (.5, -.25).
    let private controlled (folder: TemporaryFolder) : string =
        let draw = Random 2
        let mutable a, b = 1.0, 0.0

        Tool.csv
            folder
            "control.csv"
            "t,a,b,valve"
            [
                for k in 0..199 do
                    let u = draw.NextDouble() - 0.5
                    [| 0.1 * float k; a; b; u |]
                    let next = 0.9 * a + 0.1 * b + 0.5 * u
                    b <- -0.2 * a + 0.8 * b - 0.25 * u
                    a <- next
            ]

    let tests: Test =
        testSequenced
        <| testList
            "Estimators"
            [
                testInFolder
                    "A Markov model of labels has the eigenvalues of the chain, and passes its test"
                    (fun folder ->
                        let out, root =
                            Tool.read folder [ "spectrum"; chain folder; "--lag"; "1"; "--estimator"; "msm" ]

                        Expect.stringContains out "3 of 3 states can be reached from each other" "the states"
                        let modes = items "modes" root

                        for mode, exact in List.zip modes [ 0.88; 0.82 ] do
                            Expect.inRange (number "eigenvalue" mode) (exact - 0.02, exact + 0.02) "an eigenvalue"

                        Expect.equal
                            (items "states" root |> List.map (numbers "place" >> List.head))
                            [ 7.0; 20.0; 33.0 ]
                            "the labels"

                        // πT = π: (4, 7.4, 4) up to a factor.
                        for state, exact in List.zip (items "states" root) [ 0.2787; 0.4426; 0.2787 ] do
                            Expect.inRange (number "probability" state) (exact - 0.04, exact + 0.04) "a probability"

                        let matrix =
                            items "transition_matrix" root
                            |> List.map (fun row -> row.EnumerateArray() |> Seq.map _.GetDouble() |> Array.ofSeq)

                        for i in 0..2 do
                            for j in 0..2 do
                                Expect.inRange
                                    (matrix[i][j] - transitions[i][j])
                                    (-0.02, 0.02)
                                    $"the transition from {i} to {j}"

                        let tests = items "chapman_kolmogorov" root
                        Expect.hasLength tests 8 "two modes at 2, 3, 5 and 10 lags"
                        let double = tests |> List.find (fun t -> number "time" t = 2.0)
                        let lambda = number "eigenvalue" modes[0]
                        Expect.isLessThan (abs (number "predicted" double - lambda * lambda)) 1e-12 "λ²"

                        for test in tests do
                            Expect.isLessThan (number "deviation" test) 4.0 "a deviation in standard errors")

                testInFolder "A Markov model on cells finds the slow rate of the double well" (fun folder ->
                    use states =
                        Systems.trajectory (Systems.doubleWell 1.0) 10_000 0.1 (Seed.ofInt 3)
                        |> Outcome.get

                    let path = folder.File "well.csv"
                    Samples.save path states |> Outcome.get

                    let _, root =
                        Tool.read
                            folder
                            [
                                "spectrum"
                                path
                                "--lag"
                                "0.1"
                                "--lag-rows"
                                "3"
                                "--estimator"
                                "msm-general"
                                "--states"
                                "30"
                            ]

                    let modes = items "modes" root
                    Expect.isTrue (modes[0].GetProperty("constant").GetBoolean()) "the constant"

                    Expect.inRange
                        (number "rate" modes[1] / (Systems.doubleWell 1.0).Rates[0])
                        (0.8, 1.2)
                        "the slow rate over the exact one"

                    Expect.equal
                        (items "chapman_kolmogorov" root
                         |> List.map (number "time")
                         |> List.max
                         |> sprintf "%.1f")
                        "3.0"
                        "ten lags of three rows")

                testInFolder "A model whose functions miss the motion fails the test at its multiples" (fun folder ->
                    use states =
                        Systems.trajectory (Systems.doubleWell 0.3) 10_000 0.1 (Seed.ofInt 17)
                        |> Outcome.get

                    let path = folder.File "well.csv"
                    Samples.save path states |> Outcome.get

                    let deviation (observables: string) =
                        let _, root =
                            Tool.read
                                folder
                                [
                                    "spectrum"
                                    path
                                    "--lag"
                                    "0.1"
                                    "--estimator"
                                    "edmd"
                                    "--modes"
                                    "1"
                                    "--observables"
                                    observables
                                    "--chapman-kolmogorov"
                                    "2,4,8"
                                ]

                        let tests = items "chapman_kolmogorov" root
                        Expect.hasLength tests 3 "the multiples"
                        tests |> List.map (number "deviation") |> List.max

                    Expect.isLessThan (deviation "gaussians") 4.0 "Gaussians"
                    Expect.isGreaterThan (deviation "linear") 4.0 "the coordinate alone")

                testInFolder
                    "Singular functions have the values of the chain, and coordinates go to a file"
                    (fun folder ->
                        let path = chain folder
                        let coordinates = folder.File "slow.npy"

                        let _, root =
                            Tool.read
                                folder
                                [
                                    "vamp"
                                    path
                                    "--lag"
                                    "1"
                                    "--observables"
                                    "cells:3"
                                    "--out"
                                    coordinates
                                    "--scaling"
                                    "whitened"
                                ]

                        for value, exact in List.zip (numbers "singular_values" root) [ 0.88; 0.82 ] do
                            Expect.inRange value (exact - 0.02, exact + 0.02) "a singular value"

                        // 1 + .88² + .82² for the chain, which is nearly in detailed balance.
                        let score (name: string) =
                            items "scores" root
                            |> List.find (fun s -> s.GetProperty("score").GetString() = name)
                            |> number "mean"

                        Expect.inRange (score "VAMP-2") (2.40, 2.50) "VAMP-2"
                        Expect.inRange (score "VAMP-1") (2.66, 2.74) "VAMP-1"
                        let slow = Npy.read coordinates |> Outcome.get
                        Expect.equal slow.Shape [| 20_000; 2 |] "the shape"
                        let first = slow.Values |> Array.chunkBySize 2 |> Array.map Array.head
                        Expect.isLessThan (abs (Array.average first)) 0.01 "the mean"
                        Expect.inRange (first |> Array.averageBy (fun v -> v * v)) (0.99, 1.01) "the variance")

                testInFolder "The equation of motion is found with its terms, and its generator's rates" (fun folder ->
                    // x' = -x/2, y' = x² - y: y = e^{-t}y0 + x0²(1 - ...) resonates, so it is integrated in small steps.
                    let draw = Random 3

                    let rows =
                        [
                            for run in 0..19 do
                                let mutable x, y = 4.0 * draw.NextDouble() - 2.0, 4.0 * draw.NextDouble() - 2.0

                                for k in 0..19 do
                                    [| float run; 0.01 * float k; x; y |]

                                    for _ in 1..10 do
                                        let slope (x: float) (y: float) = struct (-0.5 * x, x * x - y)
                                        let h = 0.001
                                        let struct (a1, b1) = slope x y
                                        let struct (a2, b2) = slope (x + 0.5 * h * a1) (y + 0.5 * h * b1)
                                        x <- x + h * a2
                                        y <- y + h * b2
                        ]

                    let path = Tool.csv folder "ode.csv" "run,t,x,y" rows

                    let out, root =
                        Tool.read
                            folder
                            [
                                "spectrum"
                                path
                                "--estimator"
                                "identified"
                                "--observables"
                                "monomials:2"
                            ]

                    Expect.stringContains out "an ordinary differential equation" "the noise"
                    let terms = texts "terms" root
                    let drift = items "drift" root

                    let coefficient (term: string) (column: int) =
                        let row = drift[List.findIndex ((=) term) terms]
                        row[column].GetDouble()

                    Expect.inRange (coefficient "x" 0) (-0.501, -0.499) "x in x'"
                    Expect.inRange (coefficient "y" 1) (-1.001, -0.999) "y in y'"
                    Expect.inRange (coefficient "x^2" 1) (0.999, 1.001) "x² in y'"

                    Expect.equal
                        (drift
                         |> List.sumBy (fun row ->
                             row.EnumerateArray() |> Seq.filter (fun v -> v.GetDouble() <> 0.0) |> Seq.length))
                        3
                        "the terms that are left"

                    let rates = items "modes" root |> List.map (number "rate")
                    Expect.isLessThan (abs (rates[1] - 0.5)) 1e-3 "the first rate"
                    Expect.isLessThan (abs (rates[2] - 1.0)) 1e-3 "the second rate")

                testInFolder "A stochastic equation is found with drift and diffusion" (fun folder ->
                    let data = folder.File "w.npz"

                    let code, _, error =
                        Tool.run
                            [
                                "simulate"
                                "double-well"
                                "--pairs"
                                "20000"
                                "--lag"
                                "0.01"
                                "--out"
                                data
                            ]

                    Expect.equal code 0 error
                    let out, root = Tool.read folder [ "spectrum"; data; "--estimator"; "identified" ]
                    Expect.stringContains out "dx1/dt = " "the equation"
                    let terms = texts "terms" root

                    let value (name: string) (term: string) =
                        let row = (items name root)[List.findIndex ((=) term) terms]
                        row[0].GetDouble()

                    // b = 4x - 4x³, a = 2.
                    for term, exact in [ "x1", 4.0; "x1^3", -4.0 ] do
                        Expect.isLessThan
                            (abs (value "drift" term - exact))
                            (4.0 * value "drift_errors" term + 0.12)
                            $"the coefficient of {term}"

                    Expect.inRange ((items "diffusion" root).Head[0].GetDouble()) (1.94, 2.06) "the diffusion")

                testInFolder "The energies of the harmonic oscillator come from a table of its potential" (fun folder ->
                    let path =
                        Tool.csv
                            folder
                            "ho.csv"
                            "x,V"
                            [
                                for i in 0..400 ->
                                    let x = -6.0 + 12.0 * float i / 400.0
                                    [| x; 0.5 * x * x |]
                            ]

                    let arguments =
                        [ "spectrum"; path; "--columns"; "x,V"; "--estimator"; "schroedinger" ]

                    let _, root = Tool.read folder (arguments @ [ "--potential"; "V"; "--modes"; "4" ])

                    for mode, exact in List.zip (items "modes" root) [ 0.5; 1.5; 2.5; 3.5 ] do
                        Expect.isLessThan (abs (number "rate" mode - exact)) 1e-3 "an energy"

                    Expect.equal (texts "columns" root) [ "x" ] "the coordinates"

                    Tool.run arguments |> Tool.refused [ "potential"; "--potential COLUMN" ]

                    Tool.run (arguments @ [ "--potential"; "W" ])
                    |> Tool.refused [ "no column 'W'"; "x, V" ])

                testInFolder "Inputs are told from the motion, in DMD and in EDMD" (fun folder ->
                    let path = controlled folder

                    for estimator in [ [ "dmd" ]; [ "edmd-general"; "--observables"; "linear" ] ] do
                        let _, root =
                            Tool.read folder ([ "spectrum"; path; "--inputs"; "valve"; "--estimator" ] @ estimator)

                        let first = (items "modes" root).Head
                        Expect.isLessThan (abs (number "eigenvalue" first - 0.85)) 1e-9 "the real part"

                        Expect.isLessThan
                            (abs (abs (number "eigenvalue_imaginary" first) - sqrt 0.0175))
                            1e-9
                            "the imaginary part"

                        Expect.equal (texts "inputs" root) [ "valve" ] "the inputs"
                        let effect = (items "input_effect" root).Head
                        Expect.isLessThan (abs (effect[0].GetDouble() - 0.5)) 1e-9 "its effect on a"
                        Expect.isLessThan (abs (effect[1].GetDouble() + 0.25)) 1e-9 "its effect on b")

                testInFolder "Pairs that were started out of equilibrium are weighted" (fun folder ->
                    // Ornstein-Uhlenbeck, rate 1, from starts uniform on [-3, 3]: x(τ) = e^{-τ}x + noise of variance 1 - e^{-2τ}.
                    let draw = Random 5
                    let n, lag = 8000, 0.2

                    let normal () =
                        sqrt (-2.0 * log (1.0 - draw.NextDouble()))
                        * cos (2.0 * Math.PI * draw.NextDouble())

                    let x = Array.init n (fun _ -> 6.0 * draw.NextDouble() - 3.0)

                    let y =
                        x
                        |> Array.map (fun x -> exp -lag * x + sqrt (1.0 - exp (-2.0 * lag)) * normal ())

                    let path = folder.File "starts.npz"

                    Npy.writeArchive
                        path
                        (Map
                            [
                                "x", { Shape = [| n; 1 |]; Values = x }
                                "y", { Shape = [| n; 1 |]; Values = y }
                                "lag", NumericArray.scalar lag
                            ])
                    |> Outcome.get

                    let out, root =
                        Tool.read
                            folder
                            [
                                "spectrum"
                                path
                                "--estimator"
                                "edmd"
                                "--observables"
                                "hermite:4"
                                "--reweight"
                                "true"
                            ]

                    Expect.stringContains out "weighted to equilibrium" "the remark"
                    Expect.inRange (number "rate" (items "modes" root).Head) (0.9, 1.1) "the rate"

                    // (∫ρ w)²/∫ρ w² for w = φ/ρ on [-3, 3]: .591 of the pairs.
                    Expect.inRange
                        (number "effective_size" (root.GetProperty "reweighting") / float n)
                        (0.54, 0.64)
                        "the effective share")

                testInFolder "Options that mean nothing to an estimator are refused by name" (fun folder ->
                    let path = chain folder

                    for words, arguments in
                        [
                            [ "--states"; "msm" ], [ "--estimator"; "dmd"; "--states"; "10" ]
                            [ "--rank"; "dmd" ], [ "--estimator"; "tica"; "--rank"; "2" ]
                            [ "--reweight"; "edmd" ], [ "--reweight"; "true" ]
                            [ "--lag-rows is 0" ], [ "--lag-rows"; "0" ]
                            [ "2,4,8" ], [ "--chapman-kolmogorov"; "2,x" ]
                            [ "chain.csv"; "--lag TIME" ], [ "--estimator"; "msm" ]
                        ] do
                        let lag =
                            if words = [ "chain.csv"; "--lag TIME" ] then
                                []
                            else
                                [ "--lag"; "1" ]

                        Tool.run ([ "spectrum"; path ] @ lag @ arguments) |> Tool.refused words

                    Tool.run [ "vamp"; path ] |> Tool.refused [ "no pairs"; "--lag TIME" ])
            ]
