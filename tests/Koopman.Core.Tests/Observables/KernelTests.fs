namespace Koopman.Tests

open System
open Expecto
open FsCheck.FSharp
open Koopman
open TorchSharp

module private Kernels =

    let all: (string * Kernel) list =
        [
            "Gaussian", Kernel.Gaussian 0.8
            "Laplacian", Kernel.Laplacian 0.9
            "Matérn 3/2", Kernel.Matern32 1.1
            "Matérn 5/2", Kernel.Matern52 1.2
            "rational quadratic", Kernel.RationalQuadratic(1.7, 0.9)
            "inverse multiquadric", Kernel.InverseMultiquadric 1.3
            "thin plate", Kernel.ThinPlate
            "polynomial", Kernel.Polynomial(4, 0.7, 1.2)
            "homogeneous", Kernel.Polynomial(2, 1.0, 0.0)
            "linear", Kernel.linear
        ]

    let make (name: string) : Kernel =
        all |> List.find (fun (n, _) -> n = name) |> snd

    let points () =
        Seed.normal [| 15L; 3L |] (Seed.ofInt 41)

    let sections (name: string) : Observables =
        use centres = Seed.normal [| 6L; 3L |] (Seed.ofInt 42)
        Observables.sections (make name) centres |> Outcome.get

    let closeTo (tolerance: float) (expected: Tensor) (actual: Tensor) : unit =
        use _ = torch.NewDisposeScope()
        Expect.equal actual.shape expected.shape "the shape of actual"
        let error = (expected - actual).abs().max().ToDouble()
        Expect.isTrue (error <= tolerance) $"error {error}"

    /// (f(x+h) - f(x-h))/2h along an axis.
    let difference (f: Tensor -> Tensor) (x: Tensor) (axis: int) : Tensor =
        let h = torch.zeros_like x
        h.select(1L, int64 axis).fill_(Tensors.num 1e-5) |> ignore
        (f (x + h) - f (x - h)) / 2e-5

module KernelTests =

    let tests: Test =
        testList
            "Kernels"
            [
                testList
                    "First and second derivatives agree with differences"
                    [
                        for name, _ in Kernels.all do
                            testCase name (fun () ->
                                use _ = torch.NewDisposeScope()
                                use sections = Kernels.sections name
                                let x = Kernels.points ()

                                for axis in 0..2 do
                                    Kernels.closeTo
                                        1e-7
                                        (Kernels.difference sections.Values x axis)
                                        (sections.Partial(x, axis))

                                    for second in 0..2 do
                                        let slope = Kernels.difference (fun x -> sections.Partial(x, axis)) x second
                                        Kernels.closeTo 1e-7 slope (sections.SecondPartial(x, axis, second)))
                    ]

                testList
                    "Gradients of combinations and Dirichlet forms are sums of partial derivatives"
                    [
                        for name, _ in Kernels.all do
                            testCase name (fun () ->
                                use _ = torch.NewDisposeScope()
                                use sections = Kernels.sections name
                                let x = Kernels.points ()
                                let a = Seed.normal [| 6L |] (Seed.ofInt 43)
                                let w = Seed.uniform [| 15L |] (Seed.ofInt 44)
                                let slopes = [| for axis in 0..2 -> sections.Partial(x, axis) |]
                                let gradient = torch.stack (slopes |> Array.map (fun slope -> slope.mv a), 1L)
                                Kernels.closeTo 1e-10 gradient (sections.GradientOf(x, a))

                                let form =
                                    slopes
                                    |> Array.map (fun slope -> slope.t().matmul(slope * w.unsqueeze 1L))
                                    |> Array.reduce (fun one other -> one + other)

                                Kernels.closeTo
                                    (1e-11 * max 1.0 (form.abs().max().ToDouble()))
                                    form
                                    (sections.DirichletForm(x, w)))
                    ]

                testList
                    "Values and slopes at the centres themselves are finite"
                    [
                        for name, _ in Kernels.all do
                            testCase name (fun () ->
                                use _ = torch.NewDisposeScope()
                                let centres = Seed.normal [| 6L; 3L |] (Seed.ofInt 42)
                                use sections = Observables.sections (Kernels.make name) centres |> Outcome.get

                                Expect.isTrue (Tensors.isFinite (sections.Values centres)) "the values are finite"

                                Expect.isTrue (Tensors.isFinite (sections.Partial(centres, 0))) "the slopes are finite"

                                Expect.isTrue
                                    (Tensors.isFinite (sections.SecondPartial(centres, 0, 0)))
                                    "the second derivatives are finite")
                    ]

                testList
                    "Kernel matrices are symmetric, with the diagonal that is said, and positive where it is claimed"
                    [
                        for name, _ in Kernels.all do
                            testCase name (fun () ->
                                use _ = torch.NewDisposeScope()
                                let kernel = Kernels.make name
                                let x = Kernels.points ()
                                let matrix = Kernel.matrix kernel x x
                                Kernels.closeTo 1e-9 matrix (matrix.t ())
                                // |x-x|² is 0 up to rounding, and the kernels of |x-y| take its root.
                                Kernels.closeTo 1e-6 (matrix.diagonal ()) (Kernel.diagonal kernel x)
                                let least = (torch.linalg.eigvalsh matrix).min().ToDouble()
                                Expect.equal (least > -1e-6) (Kernel.isPositive kernel) "least > -1e-6")
                    ]

                testCase "Gaussian sections are the Gaussian observables" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let centres = Seed.normal [| 6L; 3L |] (Seed.ofInt 42)
                    use sections = Observables.sections (Kernel.Gaussian 0.8) centres |> Outcome.get
                    use gaussians = Observables.gaussians 0.8 centres |> Outcome.get
                    let x = Kernels.points ()

                    Expect.equal
                        (Tensors.toArray (sections.Values x))
                        (Tensors.toArray (gaussians.Values x))
                        "sections.Values x"

                    Kernels.closeTo 1e-14 (sections.Values x) (Kernel.matrix (Kernel.Gaussian 0.8) x centres))

                testCase "Distances far from the origin keep their digits" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let x = Kernels.points ()
                    let kernel = Kernel.Matern52 0.1
                    let moved = x + 1000.0
                    Kernels.closeTo 1e-9 (Kernel.matrix kernel x x) (Kernel.matrix kernel moved moved))

                testCase "Parameters out of range are refused" (fun () ->
                    use centres = Seed.normal [| 6L; 3L |] (Seed.ofInt 42)

                    for kernel, culprit in
                        [
                            Kernel.Gaussian 0.0, "The width of the kernel is 0"
                            Kernel.Matern32 -1.0, "The length of the kernel is -1"
                            Kernel.Laplacian nan, "The length of the kernel is NaN"
                            Kernel.RationalQuadratic(0.0, 1.0), "The power of the kernel is 0"
                            Kernel.InverseMultiquadric infinity, "The length of the kernel is Infinity"
                            Kernel.Polynomial(0, 1.0, 1.0), "The degree of the kernel is 0"
                            Kernel.Polynomial(2, 1.0, -1.0), "The offset of the kernel is -1"
                        ] do
                        Observables.sections kernel centres
                        |> Expect.error ErrorKind.InvalidSetting [ culprit ])

                testCase "Repeated points have no median distance" (fun () ->
                    use samples = Samples.ofValues 1 (Array.create 30 1.0) |> Outcome.get

                    Kernel.medianWidth samples
                    |> Expect.error ErrorKind.InvalidSetting [ "median distance" ])
            ]

module PivotedCholeskyTests =

    let private samples (count: int) =
        use points = Seed.normal [| int64 count; 2L |] (Seed.ofInt 51)
        Samples.ofTensor points |> Outcome.get

    let tests: Test =
        testList
            "Pivoted Cholesky"
            [
                testCase
                    "The factor leaves a positive remainder of the certified trace, which bounds the eigenvalues"
                    (fun () ->
                        use _ = torch.NewDisposeScope()
                        use samples = samples 300
                        let kernel = Kernel.Gaussian 0.7

                        use factor = PivotedCholesky.factor kernel 1e-3 300 samples |> Outcome.get

                        let matrix = Kernel.matrix kernel samples.Points samples.Points
                        let reduced = factor.Features.matmul (factor.Features.t ())
                        let remainder = matrix - reduced

                        Expect.inRange
                            ((torch.linalg.eigvalsh remainder).min().ToDouble())
                            (-1e-12, 1.0)
                            "(torch.linalg.eigvalsh remainder).min()"

                        Expect.sameDecimals
                            12
                            factor.TraceError
                            (remainder.trace().ToDouble() / 300.0)
                            "factor.TraceError"

                        Expect.inRange factor.TraceError (0.0, 1e-3) "factor.TraceError"

                        let off = (torch.linalg.eigvalsh matrix - torch.linalg.eigvalsh reduced) / 300.0

                        Expect.inRange (off.min().ToDouble()) (-1e-14, 1.0) "off.min()"
                        Expect.inRange (off.max().ToDouble()) (0.0, factor.TraceError) "off.max()"
                        // The pivots are resolved exactly.
                        let index = torch.tensor (Array.map int64 factor.Pivots, dtype = torch.int64)

                        Expect.inRange
                            (remainder.diagonal().index_select(0L, index).abs().max().ToDouble())
                            (0.0, 1e-12)
                            "the remainder at the pivots")

                testCase "A kernel of finite rank ends at its rank, and repeated points are no new pivots" (fun () ->
                    use points = Seed.normal [| 100L; 2L |] (Seed.ofInt 52)
                    use twice = torch.cat ([| points; points |], 0L)
                    use samples = Samples.ofTensor twice |> Outcome.get

                    use factor =
                        PivotedCholesky.factor (Kernel.Polynomial(3, 1.0, 1.0)) 0.0 200 samples
                        |> Outcome.get

                    Expect.equal factor.Pivots.Length 10 "factor.Pivots.Length"

                    use narrow =
                        PivotedCholesky.factor (Kernel.Gaussian 1e-3) 0.0 200 samples |> Outcome.get

                    Expect.equal narrow.Pivots.Length 100 "narrow.Pivots.Length")

                testCase "Points without weight are no pivots" (fun () ->
                    use plain = samples 100
                    let weights = Array.init 100 (fun i -> if i < 60 then 1.0 else 0.0)
                    use samples = Samples.withWeights weights plain |> Outcome.get

                    use factor =
                        PivotedCholesky.factor (Kernel.Gaussian 0.1) 0.0 100 samples |> Outcome.get

                    Expect.inRange factor.Pivots.Length (30, 60) "factor.Pivots.Length"

                    Expect.isTrue (factor.Pivots |> Array.forall (fun pivot -> pivot < 60)) "every pivot has a weight")

                testCase "What it cannot factor it refuses" (fun () ->
                    use samples = samples 100

                    PivotedCholesky.factor Kernel.ThinPlate 1e-4 100 samples
                    |> Expect.error ErrorKind.InvalidSetting [ "not positive definite" ]

                    PivotedCholesky.factor (Kernel.Gaussian 0.1) 1e-4 20 samples
                    |> Expect.error ErrorKind.InvalidSetting [ "pivots"; "tolerance"; "wider" ]

                    PivotedCholesky.factor (Kernel.Gaussian 0.1) nan 20 samples
                    |> Expect.error ErrorKind.InvalidSetting [ "The tolerance is NaN" ]

                    use zero = Samples.ofValues 1 (Array.zeroCreate 30) |> Outcome.get

                    PivotedCholesky.factor Kernel.linear 1e-4 20 zero
                    |> Expect.error ErrorKind.IllConditioned [ "vanishes" ])
            ]
