namespace Koopman

open System
open TorchSharp

/// <summary>A vector field: reads a point, writes the vector there.</summary>
type VectorField = delegate of point: ReadOnlySpan<float> * vector: Span<float> -> unit

/// <summary>A scalar field: the value at a point.</summary>
type ScalarField = delegate of point: ReadOnlySpan<float> -> float

/// <summary>
/// Overdamped Langevin dynamics dX = -∇V(X) dt + √(2T) dW with its exact properties: its invariant law is
/// π ∝ exp(-V/T), and L = -TΔ + ∇V·∇ has the given rates.
/// </summary>
[<NoComparison; NoEquality>]
type LangevinSystem =
    {
        /// <summary>The name in commands and reports.</summary>
        Name: string
        /// <summary>The dimension d.</summary>
        Dimension: int
        /// <summary>The temperature T.</summary>
        Temperature: float
        /// <summary>V.</summary>
        Potential: ScalarField
        /// <summary>-∇V.</summary>
        Drift: VectorField
        /// <summary>The smallest positive eigenvalues of L, ascending, with multiplicity, computed when first needed.</summary>
        ExactRates: Lazy<float[]>
        /// <summary>Independent draws from π: count·d values, row by row.</summary>
        Draw: Func<int, Seed, float[]>
    }

    /// <summary>The smallest positive eigenvalues of L, ascending, with multiplicity.</summary>
    member this.Rates: float[] = this.ExactRates.Value

    override this.ToString() : string = this.Name

/// <summary>Simulators with known exact results.</summary>
[<RequireQualifiedAccess>]
module Systems =

    /// <summary>
    /// The smallest positive rates of L = -T d²/dx² + V' d/dx on an interval, ascending. Finite volumes with exact detailed
    /// balance and n cells: error O(n⁻²), below 1e-4 relative for wells of unit size and n = 1000. The interval must contain all
    /// but a negligible part of the mass.
    /// </summary>
    let ratesOnLine
        (cells: int)
        (low: float, high: float)
        (temperature: float)
        (potential: float -> float)
        (count: int)
        : float[] =
        let h = (high - low) / float cells
        let centre = Array.init cells (fun i -> potential (low + (float i + 0.5) * h))
        let matrix = Array2D.zeroCreate cells cells
        // ∫ u' v' π ≈ Σ w(edge)(Δu)(Δv)/h and ∫ u v π ≈ Σ w(centre) u v h, made symmetric by √w. Only ratios of weights occur:
        // the weights themselves underflow far from the wells.
        for i in 0 .. cells - 2 do
            let edge = potential (low + float (i + 1) * h)

            let ratio v =
                temperature / (h * h) * exp (-(edge - v) / temperature)

            matrix[i, i] <- matrix[i, i] + ratio centre[i]
            matrix[i + 1, i + 1] <- matrix[i + 1, i + 1] + ratio centre[i + 1]
            let off = -(ratio (0.5 * (centre[i] + centre[i + 1])))
            matrix[i, i + 1] <- off
            matrix[i + 1, i] <- off

        Tensors.within (fun () ->
            torch.linalg.eigvalsh(Tensors.ofMatrix matrix).narrow(0L, 1L, int64 count)
            |> Tensors.toArray)

    /// <summary>Independent draws from the density ∝ exp(-V/T) on an interval, by its distribution function on a fine grid.</summary>
    let drawOnLine
        (low: float, high: float)
        (temperature: float)
        (potential: float -> float)
        (count: int)
        (seed: Seed)
        : float[] =
        let cells = 20_000
        let h = (high - low) / float cells

        let mass =
            Array.init cells (fun i -> exp (-potential(low + (float i + 0.5) * h) / temperature))

        let cumulative = Array.scan (+) 0.0 mass
        let total = cumulative[cells]
        use levels = Seed.uniform [| int64 count |] seed

        Tensors.toArray levels
        |> Array.map (fun u ->
            let target = u * total
            let found = Array.BinarySearch(cumulative, target)
            let cell = min (cells - 1) (if found >= 0 then found else ~~~found - 1)
            low + h * (float cell + (target - cumulative[cell]) / mass[cell]))

    /// The tilted double well V(x) = (x²-1)² + a x with its properties.
    let private well (a: float) (x: float) : float = (x * x - 1.0) * (x * x - 1.0) + a * x

    let private wellSlope (a: float) (x: float) : float = 4.0 * x * (x * x - 1.0) + a

    let private wellInterval = -4.0, 4.0

    /// The rates of a sum of independent one-dimensional processes: all sums, ascending, without 0.
    let private sumsOf (dimension: int) (rates: float[]) (count: int) : float[] =
        let line = Array.append [| 0.0 |] rates

        // The smallest sums of d terms are among the smallest of d-1 terms plus one.
        ([| 0.0 |], seq { 1..dimension })
        ||> Seq.fold (fun sums _ ->
            Array.allPairs sums line
            |> Array.map (fun (s, r) -> s + r)
            |> Array.sort
            |> Array.truncate (count + 1))
        |> Array.tail

    let private wells (name: string) (dimension: int) (tilt: float) (temperature: float) : LangevinSystem =
        {
            Name = name
            Dimension = dimension
            Temperature = temperature
            Potential =
                ScalarField(fun x ->
                    let mutable v = 0.0

                    for l in 0 .. dimension - 1 do
                        v <- v + well tilt x[l]

                    v)
            Drift =
                VectorField(fun x f ->
                    for l in 0 .. dimension - 1 do
                        f[l] <- -(wellSlope tilt x[l]))
            ExactRates = lazy (sumsOf dimension (ratesOnLine 1000 wellInterval temperature (well tilt) 6) 6)
            Draw =
                Func<int, Seed, float[]>(fun count seed ->
                    drawOnLine wellInterval temperature (well tilt) (count * dimension) seed)
        }

    /// <summary>V(x) = (x²-1)² + a x in one dimension.</summary>
    let asymmetricWell (tilt: float) (temperature: float) : LangevinSystem =
        wells "asymmetric-well" 1 tilt temperature

    /// <summary>V(x) = (x²-1)² in one dimension.</summary>
    let doubleWell (temperature: float) : LangevinSystem = wells "double-well" 1 0.0 temperature

    /// <summary>V(x,y) = (x²-1)² + (y²-1)² at T = 1: four equal wells at (±1, ±1).</summary>
    let quadrupleWell: Lazy<LangevinSystem> = lazy (wells "quadruple-well" 2 0.0 1.0)

    /// <summary>dX = -θ X dt + √2 dW in d dimensions: rates θ, 2θ, ..., Hermite eigenfunctions.</summary>
    let ornsteinUhlenbeck (dimension: int) (theta: float) : LangevinSystem =
        {
            Name = "ornstein-uhlenbeck"
            Dimension = dimension
            Temperature = 1.0
            Potential =
                ScalarField(fun x ->
                    let mutable v = 0.0

                    for l in 0 .. dimension - 1 do
                        v <- v + 0.5 * theta * x[l] * x[l]

                    v)
            Drift =
                VectorField(fun x f ->
                    for l in 0 .. dimension - 1 do
                        f[l] <- -theta * x[l])
            ExactRates = lazy (sumsOf dimension [| for k in 1..6 -> float k * theta |] 6)
            Draw =
                Func<int, Seed, float[]>(fun count seed ->
                    use noise = Seed.normal [| int64 (count * dimension) |] seed
                    Tensors.toArray noise |> Array.map (fun z -> z / sqrt theta))
        }

    /// <summary>The names that <c>byName</c> knows.</summary>
    let names: string list =
        [ "quadruple-well"; "double-well"; "asymmetric-well"; "ornstein-uhlenbeck" ]

    /// <summary>A system by its name in commands, with its usual parameters.</summary>
    let byName (name: string) : Outcome<LangevinSystem> =
        match name with
        | "quadruple-well" -> Ok quadrupleWell.Value
        | "double-well" -> Ok(doubleWell 1.0)
        | "asymmetric-well" -> Ok(asymmetricWell 0.5 0.5)
        | "ornstein-uhlenbeck" -> Ok(ornsteinUhlenbeck 1 1.0)
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There is no system named '{name}'"
                ("Choose one of " + String.Join(", ", names))

    /// <summary>Independent equilibrium samples.</summary>
    let equilibrium (system: LangevinSystem) (count: int) (seed: Seed) : Outcome<Samples> =
        Samples.ofValues system.Dimension (system.Draw.Invoke(count, Seed.derive "equilibrium" seed))

    /// <summary>V at each sample.</summary>
    let potential (system: LangevinSystem) (samples: Samples) : float[] =
        let values = Samples.values samples
        let d = system.Dimension
        Array.init samples.Count (fun i -> system.Potential.Invoke(ReadOnlySpan(values, i * d, d)))

    /// Advances n points by one lag in place, Euler-Maruyama; noise is drawn for one lag at a time.
    let private advance (system: LangevinSystem) (lag: float) (steps: int) (points: float[]) (seed: Seed) : unit =
        let d = system.Dimension
        let h = lag / float steps
        let amplitude = sqrt (2.0 * system.Temperature * h)
        let force = Array.zeroCreate d

        for step in 0 .. steps - 1 do
            use noise = Seed.normal [| points.LongLength |] (Seed.derive (string step) seed)
            let noise = Guarded.read<float> noise

            for i in 0 .. points.Length / d - 1 do
                system.Drift.Invoke(ReadOnlySpan(points, i * d, d), Span force)

                for l in 0 .. d - 1 do
                    points[i * d + l] <- points[i * d + l] + h * force[l] + amplitude * noise[i * d + l]

    /// The inner time step is at most .001 and at most a hundredth of the lag: the time-step error is below the sampling error of 10⁵ pairs.
    let private substeps (lag: float) : int = max 100 (int (ceil (lag / 0.001)))

    let private checkRun (what: string) (count: int) (least: int) (lag: float) : Outcome<unit> =
        if count < least then
            KoopmanError.fail ErrorKind.TooFewSamples $"{count} {what} were requested" $"Ask for at least {least}"
        else
            Require.positive "the lag" lag

    /// <summary>Independent pairs: x from π, y one lag later.</summary>
    let equilibriumPairs (system: LangevinSystem) (count: int) (lag: float) (seed: Seed) : Outcome<SnapshotPairs> =
        result {
            do! checkRun "pairs" count 2 lag
            let from = system.Draw.Invoke(count, Seed.derive "equilibrium" seed)
            let successors = Array.copy from
            advance system lag (substeps lag) successors (Seed.derive "noise" seed)
            use x = Tensors.ofRows count from
            use y = Tensors.ofRows count successors
            use! pairs = SnapshotPairs.create lag x y
            return SnapshotPairs.withTemperature system.Temperature pairs
        }

    /// The states of one trajectory, row by row; noise is drawn for many of them at a time.
    let private states (system: LangevinSystem) (count: int) (lag: float) (steps: int) (seed: Seed) : float[] =
        let d = system.Dimension
        let h = lag / float steps
        let amplitude = sqrt (2.0 * system.Temperature * h)
        let states = Array.zeroCreate (count * d)
        let point = system.Draw.Invoke(1, Seed.derive "equilibrium" seed)
        let force = Array.zeroCreate d

        for struct (start, length) in Tensors.pieces (max 1 (200_000 / (steps * d))) count do
            use noise =
                Seed.normal [| int64 (length * steps * d) |] (Seed.derive $"noise {start}" seed)

            let noise = Guarded.read<float> noise

            for i in 0 .. length - 1 do
                Array.blit point 0 states ((start + i) * d) d

                for step in 0 .. steps - 1 do
                    system.Drift.Invoke(ReadOnlySpan point, Span force)

                    for l in 0 .. d - 1 do
                        point[l] <- point[l] + h * force[l] + amplitude * noise[(i * steps + step) * d + l]

        states

    /// <summary>One trajectory of states one lag apart, started from π.</summary>
    let trajectory (system: LangevinSystem) (count: int) (lag: float) (seed: Seed) : Outcome<Samples> =
        result {
            do! checkRun "states" count 3 lag
            let d = system.Dimension
            return! Samples.ofValues d (states system count lag (substeps lag) seed)
        }
