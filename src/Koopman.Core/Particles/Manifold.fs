namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>A surface in R^d that particles stay on, with its tangential projection and its retraction.</summary>
[<NoComparison; NoEquality>]
type Manifold =
    internal
        {
            /// <summary>A description for reports: "sphere of radius 1 in 3 dimensions".</summary>
            Description: string
            /// <summary>The dimension d of the ambient space.</summary>
            Ambient: int
            /// <summary>The dimension of the manifold.</summary>
            Dimension: int
            /// <summary>The tangential parts (n, d) of vectors (n, d) at points (n, d) of the manifold: an orthogonal projection, linear in the vector.</summary>
            Project: Tensor -> Tensor -> Tensor
            /// <summary>Points (n, d) of the manifold near the given ones (n, d); those on it are unchanged.</summary>
            Retract: Tensor -> Tensor
        }

    override this.ToString() : string = this.Description

/// Observables whose derivatives are those along a manifold: P∇ψ in place of ∇ψ. The caller still owns the inner functions.
[<Sealed>]
type internal TangentObservables(manifold: Manifold, inner: Observables) =
    inherit Observables(inner.Dimension, inner.Count, $"{inner.Description} on the {manifold.Description}")

    let held = inner.Hold()

    /// The rows of the projector along an axis (n, d); it is symmetric.
    let along (points: Tensor) (axis: int) : Tensor =
        let unit = torch.zeros_like points
        unit.select(1L, int64 axis).fill_(Tensors.num 1.0) |> ignore
        manifold.Project points unit

    let combine (direction: Tensor) (partial: int -> Tensor) : Tensor =
        let sum = Tensors.zeros [| direction.shape[0]; int64 inner.Count |] direction

        for axis in 0 .. inner.Dimension - 1 do
            sum.addcmul_ (partial axis, direction.narrow (1L, int64 axis, 1L), Tensors.num 1.0)
            |> ignore

        sum

    override _.LengthScale: Nullable<float> = inner.LengthScale

    interface IAxisLengths with
        member _.AxisLengths: float[] option = AxisLengths.ofObservables inner

    override _.Coarser: int[] = inner.Coarser

    override _.IsDifferentiable: bool = inner.IsDifferentiable

    override _.Values(points: Tensor) : Tensor = inner.Values points

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () -> combine (along points axis) (fun other -> inner.Partial(points, other)))

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () -> manifold.Project points (inner.GradientOf(points, coefficients)))

    override _.WithGradient(points: Tensor) : struct (Tensor * System.Func<Tensor, Tensor>) =
        let struct (values, gradient) = inner.WithGradient points

        struct (values,
                System.Func<_, _>(fun coefficients ->
                    Tensors.keep (fun () -> manifold.Project points (gradient.Invoke coefficients))))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let partials = Array.init inner.Dimension (fun axis -> inner.Partial(points, axis))

            let form = Tensors.zeros [| int64 inner.Count; int64 inner.Count |] points

            for axis in 0 .. inner.Dimension - 1 do
                use _ = Tensors.scope ()
                let slope = combine (along points axis) (fun other -> partials[other])
                form.addmm_ (slope.t (), slope * weights.unsqueeze 1L) |> ignore

            form)

    override _.NameOf(index: int) : string = inner.NameOf index

    override _.Free() : unit = held.Dispose()

/// <summary>Functions that create manifolds.</summary>
[<RequireQualifiedAccess>]
module Manifold =

    /// <summary>The dimension d of the ambient space of a manifold.</summary>
    let ambient (manifold: Manifold) : int = manifold.Ambient

    /// <summary>The dimension of a manifold.</summary>
    let dimension (manifold: Manifold) : int = manifold.Dimension

    /// <summary>The tangential parts (n, d) of vectors (n, d) at points (n, d) of the manifold. The caller owns them.</summary>
    let project (manifold: Manifold) (points: Tensor) (vectors: Tensor) : Tensor = manifold.Project points vectors

    /// <summary>Points (n, d) of the manifold near the given ones (n, d); those on it are unchanged. The caller owns them.</summary>
    let retract (manifold: Manifold) (points: Tensor) : Tensor = manifold.Retract points

    let private lengths (x: Tensor) : Tensor = (x * x).sum(1L, true).sqrt()

    /// Vectors without their components along the unit normals (n, d).
    let private without (normal: Tensor) (vectors: Tensor) : Tensor =
        vectors - normal * (vectors * normal).sum(1L, true)

    /// Unit vectors; the zero vector becomes the first axis.
    let private unit (x: Tensor) : Tensor =
        let length = lengths x
        let zero = length.le (Tensors.num 1e-300)
        let axis = torch.zeros_like x
        axis.select(1L, 0L).fill_(Tensors.num 1.0) |> ignore
        torch.where (zero, axis, x / length.clamp_min (Tensors.num 1e-300))

    /// <summary>R^d itself.</summary>
    let euclidean (dimension: int) : Manifold =
        {
            Description = $"space of {dimension} dimensions"
            Ambient = dimension
            Dimension = dimension
            Project = fun _ vectors -> vectors.alias ()
            Retract = fun points -> points.alias ()
        }

    /// <summary>The points at a distance from the origin of R^d: S^{d-1}.</summary>
    /// <param name="radius">The radius, positive.</param>
    /// <param name="ambient">d, at least 2.</param>
    let sphere (radius: float) (ambient: int) : Outcome<Manifold> =
        result {
            do! Require.positive "the radius of the sphere" radius

            do!
                Require.atLeast 2 "the dimension around the sphere" ambient
                |> Require.advise "Give the dimension of the space around it, at least 2"

            return
                {
                    Description = $"sphere of radius {radius:G3} in {ambient} dimensions"
                    Ambient = ambient
                    Dimension = ambient - 1
                    Project = fun points vectors -> Tensors.keep (fun () -> without (unit points) vectors)
                    Retract = fun points -> Tensors.keep (fun () -> radius * unit points)
                }
        }

    /// <summary>The circle around the origin of the plane.</summary>
    let circle (radius: float) : Outcome<Manifold> =
        sphere radius 2
        |> Result.map (fun manifold ->
            { manifold with
                Description = $"circle of radius {radius:G3}"
            })

    /// <summary>The torus ((R + r cos φ) cos θ, (R + r cos φ) sin θ, r sin φ) in R³.</summary>
    /// <param name="major">R, from the axis to the centre of the tube.</param>
    /// <param name="minor">The radius r of the tube, below R.</param>
    let torus (major: float) (minor: float) : Outcome<Manifold> =
        result {
            do! Require.positive "the small radius of the torus" minor

            if not (Double.IsFinite major) || major <= minor then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"A torus of radii {major} and {minor} intersects itself"
                        "Give the large radius first; it must exceed the small one"
            else
                /// From the centre of the tube to the points.
                let offset (points: Tensor) : Tensor =
                    let flat = points.clone ()
                    flat.select(1L, 2L).zero_() |> ignore
                    points - major * unit flat

                return
                    {
                        Description = $"torus of radii {major:G3} and {minor:G3}"
                        Ambient = 3
                        Dimension = 2
                        Project = fun points vectors -> Tensors.keep (fun () -> without (unit (offset points)) vectors)
                        Retract =
                            fun points ->
                                Tensors.keep (fun () ->
                                    let away = offset points
                                    points - away + minor * unit away)
                    }
        }

    /// <summary>The product: pairs of a point of each manifold, coordinates of the first before those of the second.</summary>
    let product (first: Manifold) (second: Manifold) : Manifold =
        let split (x: Tensor) =
            struct (x.narrow (1L, 0L, int64 first.Ambient), x.narrow (1L, int64 first.Ambient, int64 second.Ambient))

        {
            Description = $"product of {first.Description} and {second.Description}"
            Ambient = first.Ambient + second.Ambient
            Dimension = first.Dimension + second.Dimension
            Project =
                fun points vectors ->
                    Tensors.keep (fun () ->
                        let struct (p, q) = split points
                        let struct (u, v) = split vectors
                        torch.cat ([| first.Project p u; second.Project q v |], 1L))
            Retract =
                fun points ->
                    Tensors.keep (fun () ->
                        let struct (p, q) = split points
                        torch.cat ([| first.Retract p; second.Retract q |], 1L))
        }

    /// <summary>
    /// The flat torus as a product of circles, with a pair of coordinates for each: (r₁ cos α₁, r₁ sin α₁, r₂ cos α₂, ...). Its rates
    /// are sums of k²/r².
    /// </summary>
    let flatTorus (radii: float[]) : Outcome<Manifold> =
        if radii.Length = 0 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "A flat torus needs at least one circle"
                "Give at least one radius"
        else
            Outcome.collect circle radii
            |> Result.map (fun circles ->
                { List.reduce product circles with
                    Description = $"flat torus of {radii.Length} circles"
                })

    /// <summary>A user-defined manifold. Both functions are first checked on the given points.</summary>
    /// <param name="description">A description for reports.</param>
    /// <param name="dimension">The dimension of the manifold.</param>
    /// <param name="project">As in <see cref="T:Koopman.Particles.Manifold"/>.</param>
    /// <param name="retract">As in <see cref="T:Koopman.Particles.Manifold"/>.</param>
    /// <param name="samples">Points near the manifold.</param>
    let custom
        (description: string)
        (dimension: int)
        (project: Tensor -> Tensor -> Tensor)
        (retract: Tensor -> Tensor)
        (samples: Samples)
        : Outcome<Manifold> =
        use _ = Tensors.scope ()

        let close (a: Tensor) (b: Tensor) =
            a.shape = b.shape
            && (a - b).abs().max().ToDouble() <= 1e-6 * (1.0 + b.abs().max().ToDouble())

        let wrong cause remedy =
            KoopmanError.fail ErrorKind.InvalidSetting $"{description}: {cause}" remedy

        let points = retract samples.Points

        if dimension < 1 || dimension > samples.Dimension then
            wrong
                $"dimension {dimension} is impossible in a space of dimension {samples.Dimension}"
                "Give the dimension of the manifold"
        elif points.shape <> samples.Points.shape || not (Tensors.isFinite points) then
            wrong "the retraction does not return points of the same shape" "Return one finite point for every row"
        elif not (close (retract points) points) then
            wrong "the retraction moves points that are on the manifold" "Return points on the manifold unchanged"
        else
            let vectors = samples.Points.roll (1L, 0L)
            let tangent = project points vectors

            if tangent.shape <> vectors.shape || not (Tensors.isFinite tangent) then
                wrong
                    "the projection does not return vectors of the same shape"
                    "Return one finite vector for every row"
            elif not (close (project points tangent) tangent) then
                wrong
                    "projecting twice differs from projecting once"
                    "Remove the normal component of each vector exactly"
            else
                Ok
                    {
                        Description = description
                        Ambient = samples.Dimension
                        Dimension = dimension
                        Project = fun points vectors -> Tensors.keep (fun () -> project points vectors)
                        Retract = fun points -> Tensors.keep (fun () -> retract points)
                    }

    /// <summary>
    /// The observables with their derivatives along the manifold. The spectrum from <c>Langevin.fit</c> with them is that of the
    /// manifold's own diffusion, and particles that follow it move along the manifold. The caller keeps
    /// and disposes the inner functions.
    /// </summary>
    let observables (manifold: Manifold) (inner: Observables) : Outcome<Observables> =
        Require.dimension manifold.Ambient "the observables" inner.Dimension
        |> Require.advise $"Make the observables for the space around the {manifold}"
        |> Result.map (fun () -> new TangentObservables(manifold, inner))
