namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open FsCheck.FSharp
open Koopman

open TorchSharp

/// Operators on the coordinates themselves, in the measure whose Gram matrix is given.
module private OnCoordinates =

    let matrix (rows: float[][]) : Tensor =
        Tensors.ofRows rows.Length (Array.concat rows)

    let propagator (lag: float) (rows: float[][]) : Observables * Propagator =
        let observables = Observables.linear rows.Length
        use k = matrix rows
        use gram = torch.eye (int64 rows.Length, dtype = torch.float64)
        observables, Propagator.create "test" lag observables gram k |> Outcome.get

    let generator (rows: float[][]) : Observables * Generator =
        let observables = Observables.linear rows.Length
        use l = matrix rows
        use gram = torch.eye (int64 rows.Length, dtype = torch.float64)
        observables, Generator.create "test" observables gram l |> Outcome.get

    let close (tolerance: float) (expected: Tensor) (actual: Tensor) : unit =
        Tensors.within (fun () ->
            Expect.equal actual.shape expected.shape "the shape of actual"
            let gap = (expected - actual).abs().max().ToDouble()
            Expect.isTrue (gap <= tolerance) $"differ by {gap}")

module MatrixFunctionTests =

    let private random (n: int) (seed: int) : Tensor =
        Seed.normal [| int64 n; int64 n |] (Seed.ofInt seed)

    let private schurOf (a: Tensor) : unit =
        use _ = torch.NewDisposeScope()
        let form = MatrixFunctions.realSchur a |> Outcome.get
        let q, t = form.Vectors, form.Triangular
        let n = int a.shape[0]
        let size = a.norm().ToDouble()
        OnCoordinates.close 1e-13 (torch.eye (int64 n, dtype = torch.float64)) (q.t().matmul q)
        OnCoordinates.close (1e-14 * size) a (q.matmul(t).matmul(q.t ()))
        let values = Tensors.toArray t
        let at i j = values[i * n + j]

        for i in 0 .. n - 1 do
            for j in 0 .. i - 2 do
                Expect.equal (at i j) 0.0 "at i j"

        // Below the diagonal only corners of blocks of two may differ from 0; no two adjoin, and their eigenvalues are complex.
        for i in 1 .. n - 1 do
            if at i (i - 1) <> 0.0 then
                Expect.isTrue (i < 2 || at (i - 1) (i - 2) = 0.0) $"blocks meet at {i}"
                let half = 0.5 * (at (i - 1) (i - 1) - at i i)
                Expect.isTrue (half * half + at (i - 1) i * at i (i - 1) < 0.0) $"block at {i} is not a pair"

    let private square (n: int) (entry: int -> int -> float) : Tensor =
        torch.tensor (Array2D.init n n entry, dtype = torch.float64)

    let private jordan (n: int) (value: float) : Tensor =
        square n (fun i j ->
            if i = j then value
            elif j = i + 1 then 1.0
            else 0.0)

    let tests: Test =
        testList
            "Matrix functions"
            [
                testList
                    "The logarithm of an exponential is what went in"
                    [
                        for seed in [ 1; 2; 3 ] do
                            testCase $"seed {seed}" (fun () ->
                                use _ = torch.NewDisposeScope()
                                let a = 0.2 * random 12 seed
                                OnCoordinates.close 1e-11 a (MatrixFunctions.logarithm (torch.linalg.matrix_exp a)))
                    ]

                testCase "A defective matrix has a logarithm too" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let jordan = OnCoordinates.matrix [| [| 2.0; 1.0 |]; [| 0.0; 2.0 |] |]
                    let expected = OnCoordinates.matrix [| [| log 2.0; 0.5 |]; [| 0.0; log 2.0 |] |]
                    OnCoordinates.close 1e-12 expected (MatrixFunctions.logarithm jordan))

                testCase "Every matrix has a real Schur form, defective ones included" (fun () ->
                    use _ = torch.NewDisposeScope()

                    let hidden (a: Tensor) =
                        let basis = random (int a.shape[0]) 7
                        basis.matmul(a).matmul(torch.linalg.inv basis)

                    // A rotation, repeated with coupling.
                    let turning =
                        square 8 (fun i j ->
                            if i / 2 = j / 2 then float (i - j)
                            elif j = i + 2 then 1.0
                            else 0.0)

                    let companion (c: float[]) =
                        square c.Length (fun i j ->
                            if i = c.Length - 1 then -c[j]
                            elif j = i + 1 then 1.0
                            else 0.0)

                    // Toeplitz matrices of Grcar: all eigenvalues ill-conditioned.
                    let grcar =
                        square 40 (fun i j ->
                            if i = j + 1 then -1.0
                            elif j >= i && j <= i + 3 then 1.0
                            else 0.0)

                    for a in
                        [
                            random 1 4
                            random 2 4
                            random 15 4
                            random 60 5
                            torch.zeros (3L, 3L, dtype = torch.float64)
                            OnCoordinates.matrix [| [| 0.0; -1.0 |]; [| 1.0; 0.0 |] |]
                            // A cyclic shift: without odd shifts the iteration stands still.
                            square 4 (fun i j -> if (i + 1) % 4 = j then 1.0 else 0.0)
                            jordan 10 0.5
                            hidden (jordan 10 0.5)
                            hidden (jordan 6 0.0)
                            turning
                            hidden turning
                            companion [| 1.0; -8.0; 28.0; -56.0; 70.0; -56.0; 28.0; -8.0 |]
                            grcar
                        ] do
                        schurOf a)

                testCase "The Schur form shows the eigenvalues" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let a = random 15 4
                    let form = MatrixFunctions.realSchur a |> Outcome.get

                    let sorted (m: Tensor) =
                        (torch.linalg.eigvals m).abs().sort() |> fun (struct (values, _)) -> values

                    OnCoordinates.close 1e-12 (sorted a) (sorted form.Triangular)
                    OnCoordinates.close 1e-12 (a.trace ()) (form.Triangular.trace ()))

                testCase "A matrix with NaN has no Schur form" (fun () ->
                    use bad = torch.full (3L, 3L, Tensors.num nan, dtype = torch.float64)

                    MatrixFunctions.realSchur bad |> Expect.error ErrorKind.NotFinite [ "NaN" ])

                testCase "A normal matrix has no departure from normality, and a Jordan block has" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let rotation = OnCoordinates.matrix [| [| 0.6; -0.8 |]; [| 0.8; 0.6 |] |]
                    let jordan = OnCoordinates.matrix [| [| 0.0; 1.0 |]; [| 0.0; 0.0 |] |]

                    Expect.inRange
                        (MatrixFunctions.departureFromNormality rotation)
                        (0.0, 1e-7)
                        "the departure of a rotation"

                    Expect.sameDecimals
                        12
                        (MatrixFunctions.departureFromNormality jordan)
                        1.0
                        "the departure of a Jordan block"
                    // x' = y, y' = 0 grows although its eigenvalues are 0: the logarithmic norm says so.
                    Expect.sameDecimals
                        12
                        (MatrixFunctions.logarithmicNorm jordan)
                        0.5
                        "MatrixFunctions.logarithmicNorm jordan")
            ]

module PropagatorTests =

    let tests: Test =
        testList
            "Propagator"
            [
                testCase "A rotation has its frequency, and turning it too far is reported" (fun () ->
                    let rotation (degrees: float) =
                        let a = degrees * Math.PI / 180.0
                        OnCoordinates.propagator 0.5 [| [| cos a; -(sin a) |]; [| sin a; cos a |] |]

                    let observables, quarter = rotation 90.0
                    use _ = observables
                    use quarter = quarter
                    use spectrum = Propagator.spectrum quarter |> Outcome.get
                    Expect.sameDecimals 10 (spectrum.Modes[0].Frequency) Math.PI "spectrum.Modes[0].Frequency"
                    Expect.sameDecimals 10 (spectrum.Modes[1].Frequency) (-Math.PI) "spectrum.Modes[1].Frequency"
                    Expect.sameDecimals 12 (spectrum.Modes[0].Rate) 0.0 "spectrum.Modes[0].Rate"
                    let generator, report = Propagator.log quarter |> Outcome.get
                    use _ = generator
                    Expect.isEmpty report.NearBranchCut "report.NearBranchCut"
                    Expect.sameDecimals 12 report.LargestFrequency (2.0 * Math.PI) "report.LargestFrequency"
                    // 200 degrees forward look like 160 degrees back; 170 are too near to the cut to tell.
                    let observables, far = rotation 170.0
                    use _ = observables
                    use far = far
                    let generator, report = Propagator.log far |> Outcome.get
                    use _ = generator
                    Expect.equal report.NearBranchCut.Length 2 "report.NearBranchCut.Length")

                testCase "A negative eigenvalue has no real logarithm, and says which" (fun () ->
                    let observables, flip =
                        OnCoordinates.propagator 1.0 [| [| -0.5; 0.0 |]; [| 0.0; 0.9 |] |]

                    use _ = observables
                    use flip = flip

                    Propagator.log flip
                    |> Expect.error ErrorKind.InvalidSetting [ "-0.5"; "restrict" ]

                    use kept = Propagator.restrict (fun value -> value.Real > 0.0) flip |> Outcome.get
                    let generator, report = Propagator.log kept |> Outcome.get
                    use _ = generator
                    Expect.isEmpty report.NearZero "report.NearZero"
                    use expected = OnCoordinates.matrix [| [| 0.0; 0.0 |]; [| 0.0; log 0.9 |] |]
                    OnCoordinates.close 1e-12 expected generator.Matrix)

                testCase "A defective propagator has no modes, but a Schur form and forecasts" (fun () ->
                    let observables, jordan =
                        OnCoordinates.propagator 1.0 [| [| 0.5; 1.0 |]; [| 0.0; 0.5 |] |]

                    use _ = observables
                    use jordan = jordan

                    match Propagator.spectrum jordan with
                    | Error error -> Expect.equal error.Kind ErrorKind.IllConditioned "the kind of the error"
                    // Rounding may split the double eigenvalue: the condition number then tells.
                    | Ok spectrum ->
                        use spectrum = spectrum
                        Expect.isTrue (spectrum.Modes[0].Condition > 1e6) "spectrum.Modes[0].Condition > 1e6"

                    let form = Propagator.schur jordan |> Outcome.get
                    Expect.sameDecimals 12 (form.Triangular[0L, 0L].ToDouble()) 0.5 "form.Triangular[0L, 0L]"
                    form.Vectors.Dispose()
                    form.Triangular.Dispose())

                testCase "Half of a conjugate pair is no real operator" (fun () ->
                    let observables, rotation =
                        OnCoordinates.propagator 1.0 [| [| 0.0; -0.9 |]; [| 0.9; 0.0 |] |]

                    use _ = observables
                    use rotation = rotation

                    Propagator.restrict (fun value -> value.Imaginary > 0.0) rotation
                    |> Expect.error ErrorKind.InvalidSetting [ "pair" ]

                    Propagator.restrict (fun _ -> false) rotation
                    |> Expect.error ErrorKind.InvalidSetting [ "No mode" ])

                testCase "Shapes, numbers and times are checked" (fun () ->
                    use observables = Observables.linear 2
                    use two = torch.eye (2L, dtype = torch.float64)
                    use three = torch.eye (3L, dtype = torch.float64)
                    use bad = nan * two

                    Propagator.create "m" 1.0 observables two three
                    |> Expect.error ErrorKind.ShapeMismatch [ "(3, 3)" ]

                    Propagator.create "m" 1.0 observables two bad
                    |> Expect.error ErrorKind.NotFinite [ "NaN" ]

                    Propagator.create "m" -1.0 observables two two
                    |> Expect.error ErrorKind.InvalidSetting [ "The lag is -1" ]

                    Generator.create "m" observables three two
                    |> Expect.error ErrorKind.ShapeMismatch [ "(3, 3)" ]

                    use other = Observables.linear 2
                    use a = Propagator.create "m" 1.0 observables two two |> Outcome.get
                    use b = Propagator.create "m" 1.0 other two two |> Outcome.get

                    Propagator.compose a b
                    |> Expect.error ErrorKind.ShapeMismatch [ "different observables" ]

                    Propagator.power -1 a
                    |> Expect.error ErrorKind.InvalidSetting [ "The number of times is -1" ])

                testCase "A generator agrees with its own propagator, and disagrees with another" (fun () ->
                    let observables, generator =
                        OnCoordinates.generator [| [| -0.3; 1.0 |]; [| -1.0; -0.3 |] |]

                    use _ = observables
                    use generator = generator
                    use own = Propagator.ofGenerator 0.4 generator |> Outcome.get

                    Expect.inRange
                        (Propagator.disagreement generator own |> Outcome.get)
                        (0.0, 1e-13)
                        "Propagator.disagreement generator own"

                    use doubled = 1.1 * own.Matrix
                    use other = Propagator.create "m" 0.4 observables own.Gram doubled |> Outcome.get

                    Expect.sameDecimals
                        10
                        (Propagator.disagreement generator other |> Outcome.get)
                        (0.1 / 1.1)
                        "Propagator.disagreement generator other")
            ]

module LinearModelTests =

    let private fitted () =
        let observables = Observables.monomials 2 2 |> Outcome.get
        use points = Seed.normal [| 400L; 2L |] (Seed.ofInt 3)
        use matrix = OnCoordinates.matrix [| [| 0.9; -0.2 |]; [| 0.3; 0.7 |] |]
        use transposed = matrix.t ()
        use moved = points.matmul transposed
        use pairs = SnapshotPairs.create 0.5 points moved |> Outcome.get
        observables, Edmd.fit Edmd.defaults observables pairs |> Outcome.get

    /// x1' = .5 x1 + .2 x2 + u, x2' = .8 x2 - 2u.
    let private driven () =
        use x = Seed.normal [| 300L; 2L |] (Seed.ofInt 3)
        use u = Seed.normal [| 300L; 1L |] (Seed.ofInt 4)
        use matrix = OnCoordinates.matrix [| [| 0.5; 0.0 |]; [| 0.2; 0.8 |] |]
        use push = OnCoordinates.matrix [| [| 1.0; -2.0 |] |]
        use moved = x.matmul matrix
        use pushed = u.matmul push
        use y = moved + pushed
        use plain = SnapshotPairs.create 1.0 x y |> Outcome.get
        use pairs = SnapshotPairs.withInputs u plain |> Outcome.get
        let observables = Observables.linear 2
        observables, Edmd.fit Edmd.defaults observables pairs |> Outcome.get

    let tests: Test =
        testList
            "Linear model"
            [
                testCase "A linear map is forecast to rounding, by steps, through the state, and by modes" (fun () ->
                    let observables, model = fitted ()
                    use _ = observables
                    use model = model
                    use _ = torch.NewDisposeScope()
                    let start = Tensors.ofRows 2 [| 1.0; -1.0; 0.5; 2.0 |]
                    let matrix = OnCoordinates.matrix [| [| 0.9; -0.2 |]; [| 0.3; 0.7 |] |]
                    let three = matrix.matmul(matrix).matmul matrix
                    let expected = start.matmul (three.t ())
                    let path = LinearModel.forecast 3 None start model |> Outcome.get
                    Expect.equal path.shape [| 2L; 4L; 2L |] "the shape of path"
                    OnCoordinates.close 1e-9 start (path.select (1L, 0L))
                    OnCoordinates.close 1e-9 expected (path.select (1L, 3L))
                    let relifted = LinearModel.forecastRelifted 3 None start model |> Outcome.get
                    OnCoordinates.close 1e-9 expected (relifted.select (1L, 3L))
                    let timed = LinearModel.forecastAt [| 0.0; 1.5 |] start model |> Outcome.get
                    OnCoordinates.close 1e-8 start (timed.select (1L, 0L))
                    OnCoordinates.close 1e-8 expected (timed.select (1L, 1L)))

                testCase "Bad states, steps and inputs are refused with the shape that is wanted" (fun () ->
                    let observables, model = fitted ()
                    use _ = observables
                    use model = model
                    use three = torch.zeros (1L, 3L, dtype = torch.float64)
                    use one = torch.zeros (1L, 2L, dtype = torch.float64)

                    LinearModel.forecast 1 None three model
                    |> Expect.error ErrorKind.ShapeMismatch [ "(1, 3)"; "(n, 2)" ]

                    LinearModel.forecast -1 None one model
                    |> Expect.error ErrorKind.InvalidSetting [ "The number of steps is -1" ]

                    LinearModel.forecast 1 (Some three) one model
                    |> Expect.error ErrorKind.InvalidSetting [ "without inputs" ]

                    LinearModel.forecastAt [| -1.0 |] one model
                    |> Expect.error ErrorKind.InvalidSetting [ "Times[0] is -1"; "not negative" ]

                    LinearModel.forecastAt [||] one model
                    |> Expect.error ErrorKind.InvalidSetting [ "The list of times is empty" ])

                testCase "Many states are forecast piece by piece, each as if alone" (fun () ->
                    let observables, model = fitted ()
                    use _ = observables
                    use model = model
                    use _ = torch.NewDisposeScope()
                    let start = Seed.normal [| 5000L; 2L |] (Seed.ofInt 8)
                    let path = LinearModel.forecast 2 None start model |> Outcome.get
                    let timed = LinearModel.forecastAt [| 1.0 |] start model |> Outcome.get
                    Expect.equal path.shape [| 5000L; 3L; 2L |] "the shape of path"

                    for row in [ 0; 2047; 2048; 4999 ] do
                        let one = Tensors.rows row 1 start

                        OnCoordinates.close
                            1e-12
                            (LinearModel.forecast 2 None one model |> Outcome.get)
                            (Tensors.rows row 1 path)

                        OnCoordinates.close
                            1e-12
                            (LinearModel.forecastAt [| 1.0 |] one model |> Outcome.get)
                            (Tensors.rows row 1 timed))

                testCase "Inputs push every state alike, or each by its own" (fun () ->
                    let observables, model = driven ()
                    use _ = observables
                    use model = model
                    use _ = torch.NewDisposeScope()
                    let start = OnCoordinates.matrix [| [| 1.0; 1.0 |]; [| 0.0; 0.0 |] |]
                    let alike = OnCoordinates.matrix [| [| 1.0 |]; [| 0.0 |] |]
                    let path = LinearModel.forecast 2 (Some alike) start model |> Outcome.get
                    // (1,1) → (1.7, -1.2) → (.61, -.96) and (0,0) → (1, -2) → (.1, -1.6).
                    let expected = OnCoordinates.matrix [| [| 0.61; -0.96 |]; [| 0.1; -1.6 |] |]
                    OnCoordinates.close 1e-9 expected (path.select (1L, 2L))
                    let own = torch.stack ([| alike; torch.zeros_like alike |], 0L)
                    let path = LinearModel.forecastRelifted 2 (Some own) start model |> Outcome.get
                    let expected = OnCoordinates.matrix [| [| 0.61; -0.96 |]; [| 0.0; 0.0 |] |]
                    OnCoordinates.close 1e-9 expected (path.select (1L, 2L))

                    LinearModel.forecast 2 None start model
                    |> Expect.error ErrorKind.InvalidSetting [ "needs them" ]

                    LinearModel.forecast 3 (Some alike) start model
                    |> Expect.error ErrorKind.ShapeMismatch [ "(2, 1)"; "(3, 1)" ]

                    LinearModel.forecast 2 (Some(nan * alike)) start model
                    |> Expect.error ErrorKind.NotFinite [ "inputs" ]

                    LinearModel.forecastAt [| 1.0 |] start model
                    |> Expect.error ErrorKind.InvalidSetting [ "multiples of the lag" ])

                testCase "No tensor is left behind" (fun () ->
                    let before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

                    (let observables, model = fitted ()
                     use _ = observables
                     use model = model
                     use start = torch.zeros (1L, 2L, dtype = torch.float64)
                     use path = LinearModel.forecast 2 None start model |> Outcome.get
                     use timed = LinearModel.forecastAt [| 1.0 |] start model |> Outcome.get
                     use modes = LinearModel.stateModes model
                     let inputs, pushed = driven ()
                     use _ = inputs
                     use pushed = pushed
                     use u = torch.ones (2L, 1L, dtype = torch.float64)
                     use steered = LinearModel.forecast 2 (Some u) start pushed |> Outcome.get
                     Expect.equal (steered.shape[1]) 3L "steered.shape[1]"

                     LinearModel.forecast 3 (Some u) start pushed
                     |> Expect.error ErrorKind.ShapeMismatch []

                     Expect.equal (modes.shape[0]) 6L "modes.shape[0]"
                     use squared = Propagator.power 2 model.Propagator |> Outcome.get
                     use star = Propagator.adjoint squared |> Outcome.get
                     use spectrum = Propagator.spectrum star |> Outcome.get
                     let generator, _ = Propagator.log model.Propagator |> Outcome.get
                     use generator = generator
                     Generator.nonNormality generator |> Outcome.get |> ignore
                     Laws.propagator model.Propagator |> ignore
                     Laws.generator 0.3 generator |> ignore
                     Laws.forecasts start model |> ignore

                     Expect.isTrue (path.IsInvalid = timed.IsInvalid && spectrum.Rank = 6) "the results are whole")

                    Expect.equal
                        DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount
                        before
                        "live tensors")
            ]

/// The laws that the library ships, over generated objects; and that they notice what is broken.
module OperatorLaws =

    let private seeds = Gen.choose (1, 1_000_000)

    let private holds (outcomes: LawOutcome list) : bool =
        match outcomes |> List.filter (fun outcome -> not outcome.Holds) with
        | [] -> true
        | broken -> failwith (String.Join("; ", broken))

    /// A contraction that is far from symmetric, in a measure that is not the plain one.
    let private operators (seed: int) : Observables * Tensor * Tensor =
        let n = 2 + seed % 4
        let seed = Seed.ofInt seed
        let observables = Observables.linear n
        let root = Seed.normal [| int64 n; int64 n |] (Seed.derive "gram" seed)
        use _ = torch.NewDisposeScope()
        let gram = root.t().matmul(root) + torch.eye (int64 n, dtype = torch.float64)

        let matrix = 0.4 * Seed.normal [| int64 n; int64 n |] (Seed.derive "matrix" seed)

        observables, gram.DetachFromDisposeScope(), matrix.DetachFromDisposeScope()

    let tests: Test =
        testList
            "Operator laws"
            [
                Law.holds "generators obey the laws of semigroups" seeds (fun seed ->
                    use _ = torch.NewDisposeScope()
                    let observables, gram, matrix = operators seed
                    use generator = Generator.create "test" observables gram matrix |> Outcome.get
                    Laws.generator 0.5 generator |> holds)

                Law.holds "propagators obey the laws of operators" seeds (fun seed ->
                    use _ = torch.NewDisposeScope()
                    let observables, gram, matrix = operators seed
                    use generator = Generator.create "test" observables gram matrix |> Outcome.get
                    use propagator = Propagator.ofGenerator 0.5 generator |> Outcome.get
                    Laws.propagator propagator |> holds)

                Law.holds
                    "EDMD depends neither on the order of pairs nor on the basis"
                    (Gen.choose (1, 1000))
                    (fun seed ->
                        use _ = torch.NewDisposeScope()
                        let points = Seed.normal [| 120L; 2L |] (Seed.ofInt seed)

                        let turn = 0.5 * Seed.normal [| 2L; 2L |] (Seed.derive "map" (Seed.ofInt seed))

                        let noise = 0.3 * Seed.normal [| 120L; 2L |] (Seed.derive "noise" (Seed.ofInt seed))

                        use pairs =
                            SnapshotPairs.create 1.0 points (points.matmul (turn) + noise) |> Outcome.get

                        use observables = Observables.linear 2
                        (Laws.edmd observables pairs @ Laws.moments observables pairs) |> holds)
            ]

module LawsNoticeTests =

    /// x², with the derivative of x³.
    type private Broken() =
        inherit Observables(1, 1, "broken")
        override _.Values(points: Tensor) : Tensor = points * points
        override _.Partial(points: Tensor, _: int) : Tensor = points * points * 3.0

    let tests: Test =
        testList
            "Laws notice"
            [
                testCase "A wrong derivative is found, and the right ones are not blamed" (fun () ->
                    use points = Seed.normal [| 20L; 1L |] (Seed.ofInt 2)
                    use broken = new Broken()
                    let outcomes = Laws.observables points broken

                    Expect.exists
                        outcomes
                        (fun outcome -> not outcome.Holds && outcome.Law.Contains "slope of ψ")
                        "the slope that is wrong"

                    use monomials = Observables.monomials 3 1 |> Outcome.get

                    for outcome in Laws.observables points monomials do
                        Expect.isTrue outcome.Holds (string outcome))

                testCase
                    "Eigenfunctions of a fitted spectrum are orthonormal in its own samples, and not in others"
                    (fun () ->
                        use samples =
                            Systems.equilibrium (Systems.doubleWell 1.0) 800 (Seed.ofInt 4) |> Outcome.get

                        use others =
                            Systems.equilibrium (Systems.doubleWell 1.0) 800 (Seed.ofInt 5) |> Outcome.get

                        use observables =
                            Observables.gaussiansOver
                                { Observables.automatic with
                                    Centres = Some 12
                                }
                                samples
                            |> Outcome.get

                        use spectrum = Langevin.fit Langevin.defaults observables samples |> Outcome.get

                        for outcome in Laws.reversible samples spectrum do
                            Expect.isTrue outcome.Holds (string outcome)

                        Expect.exists
                            (Laws.reversible others spectrum)
                            (fun outcome -> not outcome.Holds)
                            "a law broken in other samples")
            ]
