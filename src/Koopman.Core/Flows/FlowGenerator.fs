namespace Koopman

open System
open TorchSharp

/// <summary>Rows z = [c, t, x, F] of the lifted space, in parts. Leading dimensions other than the rows' are kept.</summary>
[<NoComparison; NoEquality>]
type Lifted =
    {
        /// <summary>The constant c: 1 for points, 0 for differences of points and for rates of change.</summary>
        Constant: float
        /// <summary>t (n, 1).</summary>
        Time: Tensor
        /// <summary>x (n, d).</summary>
        Point: Tensor
        /// <summary>F (n, m).</summary>
        Features: Tensor
    }

    /// <summary>The rows (n, 2+d+m).</summary>
    member this.Rows: Tensor =
        torch.cat (
            [|
                torch.full_like (this.Time, Tensors.num this.Constant)
                this.Time
                this.Point
                this.Features
            |],
            -1L
        )

/// <summary>
/// The linear operator L on rows z = [1, t, x, F] with dz/dτ = z L, and what it does over any horizon. The time t always goes by itself: its column is that of dt/dτ = 1.
/// </summary>
[<AbstractClass>]
type FlowGenerator internal (dimension: int, features: int) =

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = dimension

    /// <summary>The number m of features.</summary>
    member _.Features: int = features

    /// <summary>The size D = 2+d+m of the lifted space.</summary>
    member _.Size: int = 2 + dimension + features

    /// <summary>What training changes, by name.</summary>
    abstract Parameters: (string * Tensor) list

    /// <summary>The matrix L (D, D), which can be differentiated by the parameters.</summary>
    abstract Matrix: unit -> Tensor

    /// <summary>z L: the rate of change.</summary>
    abstract Rate: z: Lifted -> Lifted

    /// <summary>z e^{τL} for horizons τ (n, 1), one a row, or (q, n, 1), several a row.</summary>
    abstract Advance: z: Lifted * tau: Tensor -> Lifted

    /// <summary>The x columns of z e^{τL}: where the points are after τ.</summary>
    abstract Position: z: Lifted * tau: Tensor -> Tensor

    /// <summary>The x columns of z e^{τL} L: how fast they move there.</summary>
    abstract Speed: z: Lifted * tau: Tensor -> Tensor

    /// <summary>The generator with copies of these values instead of its parameters, in their order.</summary>
    abstract With: values: Tensor list -> FlowGenerator

    interface IDisposable with
        /// <summary>Frees the parameters.</summary>
        member this.Dispose() : unit =
            for _, parameter in this.Parameters do
                parameter.Dispose()

/// Real numbers as halves of complex ones: the columns k and K+k of features are the real and imaginary part of mode k.
[<RequireQualifiedAccess>]
module internal Halves =

    let first (f: Tensor) : Tensor =
        f.narrow (-1L, 0L, f.shape[int (f.dim ()) - 1] / 2L)

    let second (f: Tensor) : Tensor =
        let half = f.shape[int (f.dim ()) - 1] / 2L
        f.narrow (-1L, half, half)

    /// f·(re + i im), mode by mode.
    let times (f: Tensor) (re: Tensor) (im: Tensor) : Tensor =
        let f0, f1 = first f, second f
        torch.cat ([| f0.mul(re).sub(f1.mul im); f0.mul(im).add(f1.mul re) |], -1L)

/// F' = F Λ with a complex number λ = a + ib a mode, |a| < growth and 0 < b < frequency, and x' = b0 + b1 t + F B: everything in closed form.
[<Sealed>]
type internal BlockGenerator
    (
        dimension: int,
        growth: float,
        frequency: float,
        alpha: Tensor,
        beta: Tensor,
        mixing: Tensor,
        drift: Tensor,
        slope: Tensor
    ) =
    inherit FlowGenerator(dimension, int mixing.shape[0])

    let half = Tensors.num 0.5

    /// a and b (K).
    let eigenvalues () : struct (Tensor * Tensor) =
        struct (alpha.div(Tensors.num growth).tanh().mul(Tensors.num growth), beta.sigmoid().mul(Tensors.num frequency))

    /// What the points move by without the features: c τ b0 + (t τ + c τ²/2) b1.
    let straight (z: Lifted) (tau: Tensor) : Tensor =
        let quadratic =
            if z.Constant = 0.0 then
                z.Time.mul tau
            else
                z.Time.mul(tau).add(tau.square (), Tensors.num (0.5 * z.Constant))

        let moved = quadratic.mul slope

        if z.Constant = 0.0 then
            moved
        else
            moved.add (tau.mul drift, Tensors.num z.Constant)

    member _.Eigenvalues: struct (Tensor * Tensor) = eigenvalues ()

    override _.Parameters =
        [
            "growth", alpha
            "frequency", beta
            "mixing", mixing
            "drift", drift
            "slope", slope
        ]

    override this.Matrix() : Tensor =
        Tensors.keep (fun () ->
            let d, m = int64 dimension, int64 this.Features
            let struct (a, b) = eigenvalues ()
            let a, b = a.diag (), b.diag ()

            let zeros (rows: int64) (columns: int64) =
                torch.zeros (rows, columns, dtype = mixing.dtype, device = mixing.device)

            // [0, 1]: only the constant drives t.
            let time = torch.cat ([| zeros 1L 1L; (zeros 1L 1L).add(Tensors.num 1.0) |], 1L)

            let block =
                torch.cat ([| torch.cat ([| a; b |], 1L); torch.cat ([| b.neg (); a |], 1L) |], 0L)

            torch.cat (
                [|
                    torch.cat ([| time; drift.unsqueeze 0L; zeros 1L m |], 1L)
                    torch.cat ([| zeros 1L 2L; slope.unsqueeze 0L; zeros 1L m |], 1L)
                    zeros d (2L + d + m)
                    torch.cat ([| zeros m 2L; mixing; block |], 1L)
                |],
                0L
            ))

    override _.Rate(z: Lifted) : Lifted =
        let struct (a, b) = eigenvalues ()
        let moved = z.Features.matmul(mixing).add(z.Time.mul slope)

        {
            Constant = 0.0
            Time = torch.full_like (z.Time, Tensors.num z.Constant)
            Point =
                if z.Constant = 0.0 then
                    moved
                else
                    moved.add (drift, Tensors.num z.Constant)
            Features = Halves.times z.Features a b
        }

    override _.Position(z: Lifted, tau: Tensor) : Tensor =
        let struct (a, b) = eigenvalues ()
        // e^{λτ} - 1 without cancellation for short horizons.
        let grown = tau.mul(a).expm1()
        let angle = tau.mul b
        let bent = angle.mul(half).sin().square().mul(Tensors.num 2.0)
        let re = grown.sub(grown.mul bent).sub bent
        let im = grown.mul(angle.sin ()).add(angle.sin ())
        // [Re, Im](f (e^{λτ}-1)/λ) B = [Re, Im](f (e^{λτ}-1)) B', which divides few numbers instead of many.
        let size = a.square().add(b.square ())
        let a, b = a.div(size).unsqueeze 1L, b.div(size).unsqueeze 1L
        let k = mixing.shape[0] / 2L
        let top, bottom = mixing.narrow (0L, 0L, k), mixing.narrow (0L, k, k)

        let divided =
            torch.cat ([| a.mul(top).sub(b.mul bottom); b.mul(top).add(a.mul bottom) |], 0L)

        z.Point.add(straight z tau).add((Halves.times z.Features re im).matmul divided)

    override _.Speed(z: Lifted, tau: Tensor) : Tensor =
        let struct (a, b) = eigenvalues ()
        let grown = tau.mul(a).exp()
        let angle = tau.mul b

        let turned =
            (Halves.times z.Features (grown.mul (angle.cos ())) (grown.mul (angle.sin ()))).matmul mixing

        if z.Constant = 0.0 then
            turned.add (z.Time.mul slope)
        else
            turned.add(z.Time.add(tau, Tensors.num z.Constant).mul slope).add(drift, Tensors.num z.Constant)

    override this.Advance(z: Lifted, tau: Tensor) : Lifted =
        let struct (a, b) = eigenvalues ()
        let grown = tau.mul(a).exp()
        let angle = tau.mul b

        {
            Constant = z.Constant
            Time = z.Time.add (tau, Tensors.num z.Constant)
            Point = this.Position(z, tau)
            Features = Halves.times z.Features (grown.mul (angle.cos ())) (grown.mul (angle.sin ()))
        }

    override _.With(values: Tensor list) : FlowGenerator =
        match
            values
            |> List.map (fun v -> v.detach().clone().requires_grad_(true).DetachFromDisposeScope())
        with
        | [ alpha; beta; mixing; drift; slope ] ->
            new BlockGenerator(dimension, growth, frequency, alpha, beta, mixing, drift, slope)
        | _ -> invalidArg (nameof values) "A block generator has five parameters"

/// Any L of which the columns of 1 and t are right, through products of rows with the matrix.
[<Sealed>]
type internal MatrixGenerator
    (dimension: int, features: int, parameters: (string * Tensor) list, columns: Tensor list -> Tensor) =
    inherit FlowGenerator(dimension, features)

    let tensors = parameters |> List.map snd

    /// L (D, D) from its columns of x and F (D, d+m).
    let assemble () : Tensor =
        let free = columns tensors
        let size = free.shape[0]
        let first = torch.zeros (size, 2L, dtype = free.dtype, device = free.device)
        first[0L, 1L] <- torch.ones ([||], dtype = free.dtype, device = free.device)
        torch.cat ([| first; free |], 1L)

    let split (constant: float) (rows: Tensor) : Lifted =
        let part start count = rows.narrow (-1L, start, count)
        let d = int64 dimension

        {
            Constant = constant
            Time = part 1L 1L
            Point = part 2L d
            Features = part (2L + d) (int64 features)
        }

    /// z e^{τL} by Taylor's series in steps so short that its terms fall at once: only products of rows with L, and differentiable.
    let act (matrix: Tensor) (rows: Tensor) (tau: Tensor) : Tensor =
        let norm =
            use _ = torch.no_grad ()

            Tensors.within (fun () -> (matrix.abs().sum(0L).max().ToDouble()) * (tau.abs().max().ToDouble()))

        let steps = max 1 (int (ceil (norm / 2.0)))
        // 2^k/k! is below the rounding of the type.
        let terms = if matrix.dtype = torch.float64 then 26 else 16
        let tau = tau.mul (Tensors.num (1.0 / float steps))
        let mutable sum = rows

        for _ in 1..steps do
            let mutable term = sum

            for k in 1..terms do
                term <- term.matmul(matrix).mul(tau.mul (Tensors.num (1.0 / float k)))
                sum <- sum.add term

        sum

    override _.Parameters = parameters

    override _.Matrix() : Tensor = Tensors.keep assemble

    override _.Rate(z: Lifted) : Lifted = split 0.0 (z.Rows.matmul (assemble ()))

    override _.Advance(z: Lifted, tau: Tensor) : Lifted =
        split z.Constant (act (assemble ()) z.Rows tau)

    override this.Position(z: Lifted, tau: Tensor) : Tensor = this.Advance(z, tau).Point

    override _.Speed(z: Lifted, tau: Tensor) : Tensor =
        let matrix = assemble ()
        (act matrix z.Rows tau).matmul(matrix.narrow (1L, 2L, int64 dimension))

    override _.With(values: Tensor list) : FlowGenerator =
        let fresh =
            values
            |> List.map (fun v -> v.detach().clone().requires_grad_(true).DetachFromDisposeScope())

        new MatrixGenerator(dimension, features, List.zip (List.map fst parameters) fresh, columns)

/// <summary>The shape of the operator on features and points.</summary>
[<Struct>]
type GeneratorShape =
    /// <summary>
    /// Blocks of two: features are complex modes with their own λ = a + ib, |a| below the first number and b between 0 and the second, that drive the points, x' = b0 + b1 t + F B.
    /// Everything is in closed form, for a horizon of its own a row.
    /// </summary>
    | Blocks of growth: float * frequency: float
    /// <summary>Any matrix, as in the paper's code; starts as normal numbers of scale 1e-3.</summary>
    | Dense
    /// <summary>On points and features a diagonal plus a product of this rank; anything from 1 and t.</summary>
    | LowRank of rank: int

/// <summary>Makes generators.</summary>
[<RequireQualifiedAccess>]
module FlowGenerator =

    /// <summary>Blocks with |a| below 3 and b below 6; training has never come near these bounds.</summary>
    let blocks: GeneratorShape = Blocks(3.0, 6.0)

    /// <summary>A generator at its start. The caller disposes of it.</summary>
    /// <param name="shape">Which.</param>
    /// <param name="seed">Of the first parameters.</param>
    /// <param name="like">A tensor with the type and device of the parameters.</param>
    /// <param name="dimension">The dimension d of the points.</param>
    /// <param name="features">The number m of features; even for blocks.</param>
    let create
        (shape: GeneratorShape)
        (seed: Seed)
        (like: Tensor)
        (dimension: int)
        (features: int)
        : Result<FlowGenerator, KoopmanError> =
        use _ = torch.NewDisposeScope()
        let d, m = int64 dimension, int64 features

        let place (t: Tensor) =
            t.to_type(like.dtype).``to``(like.device).clone().requires_grad_(true).DetachFromDisposeScope()

        let normal (name: string) (scale: float) (shape: int64[]) =
            (Seed.normal shape (Seed.derive name seed)).mul(Tensors.num scale) |> place

        let zeros (shape: int64[]) =
            torch.zeros (shape, dtype = torch.float64) |> place

        let invalid cause remedy =
            KoopmanError.fail ErrorKind.InvalidSetting cause remedy

        match shape with
        | _ when dimension < 1 || features < 1 ->
            invalid "A generator needs points and features" "Give at least one of each"
        | Blocks(growth, frequency) when not (growth > 0.0 && frequency > 0.0) || features % 2 <> 0 ->
            invalid
                $"Blocks of two need an even number of features, not {features}, and positive bounds"
                "Use FlowGenerator.blocks and an even number of features"
        | LowRank rank when rank < 1 -> invalid $"A product of rank {rank}" "Use a rank of at least 1"
        | Blocks(growth, frequency) ->
            let modes = m / 2L

            Ok(
                new BlockGenerator(
                    dimension,
                    growth,
                    frequency,
                    normal "growth" 0.5 [| modes |],
                    place (
                        if modes = 1L then
                            torch.zeros (1L, dtype = torch.float64)
                        else
                            torch.linspace (-2.0, 2.0, modes, dtype = torch.float64)
                    ),
                    normal "mixing" (1.0 / sqrt (float features)) [| m; d |],
                    zeros [| d |],
                    zeros [| d |]
                )
            )
        | Dense ->
            Ok(
                new MatrixGenerator(
                    dimension,
                    features,
                    [ "columns", normal "columns" 1e-3 [| 2L + d + m; d + m |] ],
                    List.head
                )
            )
        | LowRank rank ->
            let scale = 1.0 / sqrt (float (dimension + features))

            Ok(
                new MatrixGenerator(
                    dimension,
                    features,
                    [
                        "affine", zeros [| 2L; d + m |]
                        "diagonal", normal "diagonal" 0.1 [| d + m |]
                        "left", normal "left" scale [| d + m; int64 rank |]
                        "right", normal "right" scale [| int64 rank; d + m |]
                    ],
                    function
                    | [ affine; diagonal; left; right ] ->
                        torch.cat ([| affine; diagonal.diag().add(left.matmul right) |], 0L)
                    | _ -> invalidArg "values" "A generator of low rank has four parameters"
                )
            )
